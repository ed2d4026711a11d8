# SPDX-License-Identifier: Apache-2.0
tenbin_catalogue(ROOM meter DIR sources PREFIX source_ TYPE SourceEntry HEADER meter/source.h
                 FUNCTION source_catalogue)
find_package(Threads REQUIRED)
target_link_libraries(tenbin_meter PUBLIC Threads::Threads)
