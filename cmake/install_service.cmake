# At install time, since only then the prefix is known: systemd's units with the place of the program in
# them. A user's unit goes to share/, where a prefix of /usr, /usr/local and ~/.local are all looked at.
set(BIN ${CMAKE_INSTALL_PREFIX}/bin)
set(DOC ${CMAKE_INSTALL_PREFIX}/share/doc/usenetsync)
set(FROM ${CMAKE_CURRENT_LIST_DIR}/../dist/systemd)
set(MADE ${CMAKE_CURRENT_LIST_DIR}/../build/service)

configure_file(${FROM}/usenetsync.service.in ${MADE}/system/usenetsync.service @ONLY)
configure_file(${FROM}/usenetsync-user.service.in ${MADE}/user/usenetsync.service @ONLY)
configure_file(${FROM}/usenetsync.sysusers ${MADE}/usenetsync.conf COPYONLY)
file(INSTALL ${MADE}/system/usenetsync.service DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/systemd/system)
file(INSTALL ${MADE}/user/usenetsync.service DESTINATION ${CMAKE_INSTALL_PREFIX}/share/systemd/user)
file(INSTALL ${MADE}/usenetsync.conf DESTINATION ${CMAKE_INSTALL_PREFIX}/lib/sysusers.d)
