# room(NAME DIR lib...): the static library of one room, made of every .c file in src/DIR.
# A room that holds only headers becomes an interface library. The global property ROOMS lists all.
function(room NAME DIR)
  set_property(GLOBAL APPEND PROPERTY ROOMS ${NAME})
  file(GLOB ROOM_SOURCES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${DIR}/*.c)
  if(ROOM_SOURCES)
    add_library(${NAME} STATIC ${ROOM_SOURCES})
    target_link_libraries(${NAME} PUBLIC ${ARGN})
  else()
    add_library(${NAME} INTERFACE)
    target_link_libraries(${NAME} INTERFACE ${ARGN})
  endif()
endfunction()
