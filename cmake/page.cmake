# The web page, built by esbuild (web/) and packed into one C file of the room app/web.
# WEB_PAGE: ON must have it, OFF goes without, AUTO goes without where Node is missing and says so.
set(WEB_PAGE AUTO CACHE STRING "build the web page: AUTO, ON or OFF")
set_property(CACHE WEB_PAGE PROPERTY STRINGS AUTO ON OFF)
find_program(NODE_PROGRAM node)
find_program(NPM_PROGRAM npm)

set(PAGE_FOUND NO)
if(NODE_PROGRAM AND NPM_PROGRAM AND EXISTS ${CMAKE_SOURCE_DIR}/web/build.mjs)
  set(PAGE_FOUND YES)
endif()
set(PAGE_MISSING "node and npm build the web page, and at least one of them is not installed: \
`tools/setup build` installs them, -DWEB_PAGE=OFF builds without the page")

if(WEB_PAGE STREQUAL "ON" AND NOT PAGE_FOUND)
  message(FATAL_ERROR "${PAGE_MISSING}.")
elseif(WEB_PAGE STREQUAL "AUTO" AND NOT PAGE_FOUND)
  message(WARNING "${PAGE_MISSING}. This build has no web page.")
endif()

if(PAGE_FOUND AND NOT WEB_PAGE STREQUAL "OFF")
  file(GLOB_RECURSE PAGE_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/src/*)
  set(PAGE_ASSETS ${CMAKE_BINARY_DIR}/web_assets.c)
  add_custom_command(OUTPUT ${PAGE_ASSETS}
    COMMAND ${NODE_PROGRAM} ${CMAKE_SOURCE_DIR}/web/build.mjs ${CMAKE_BINARY_DIR}/web
    COMMAND ${NODE_PROGRAM} ${CMAKE_SOURCE_DIR}/cmake/pack_page.mjs ${CMAKE_BINARY_DIR}/web ${PAGE_ASSETS}
    DEPENDS ${PAGE_SOURCES} ${CMAKE_SOURCE_DIR}/web/build.mjs ${CMAKE_SOURCE_DIR}/web/package-lock.json
      ${CMAKE_SOURCE_DIR}/cmake/pack_page.mjs
    COMMENT "Building the web page" VERBATIM)
else()
  set(PAGE_ASSETS ${CMAKE_SOURCE_DIR}/cmake/no_page.c)
endif()
add_custom_target(web_page DEPENDS ${PAGE_ASSETS})
