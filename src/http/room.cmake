# SPDX-License-Identifier: Apache-2.0
tenbin_catalogue(ROOM http DIR routes PREFIX route_ TYPE RouteEntry HEADER http/route.h
                 FUNCTION route_catalogue)
