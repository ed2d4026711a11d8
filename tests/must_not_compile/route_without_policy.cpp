// expect: Policy|deleted
// SPDX-License-Identifier: Apache-2.0
#include "http/route.h"

// Who may use a route is said by every route: there is no default to forget it by.
tenbin::RouteEntry forgotten() {
  tenbin::RouteEntry entry;
  entry.method = "GET";
  return entry;
}
