// SPDX-License-Identifier: Apache-2.0
#include "record/fakes/fault_vfs.h"

#include <sqlite3.h>

#include <cstring>
#include <new>

namespace tenbin {
namespace {

struct Faults {
  int fail_at = 0;
  int calls = 0;
  bool full = false, persistent = false, fired = false;
} g_faults;

bool fails() {
  Faults& f = g_faults;
  ++f.calls;
  const bool now = f.fail_at > 0 && (f.persistent ? f.calls >= f.fail_at : f.calls == f.fail_at);
  f.fired = f.fired || now;
  return now;
}

// A file of the usual kind lies right behind ours.
struct File {
  sqlite3_file base;
};
sqlite3_file* real(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<char*>(file) + sizeof(File));
}
int answer(int failure) { return g_faults.full ? SQLITE_FULL : failure; }

int x_close(sqlite3_file* f) { return real(f)->pMethods->xClose(real(f)); }
int x_read(sqlite3_file* f, void* into, int n, sqlite3_int64 at) {
  return real(f)->pMethods->xRead(real(f), into, n, at);
}
int x_write(sqlite3_file* f, const void* from, int n, sqlite3_int64 at) {
  if (!fails()) return real(f)->pMethods->xWrite(real(f), from, n, at);
  (void)real(f)->pMethods->xWrite(real(f), from, n / 2, at);  // torn
  return answer(SQLITE_IOERR_WRITE);
}
int x_truncate(sqlite3_file* f, sqlite3_int64 size) {
  return fails() ? answer(SQLITE_IOERR_TRUNCATE) : real(f)->pMethods->xTruncate(real(f), size);
}
int x_sync(sqlite3_file* f, int flags) {
  return fails() ? SQLITE_IOERR_FSYNC : real(f)->pMethods->xSync(real(f), flags);
}
int x_size(sqlite3_file* f, sqlite3_int64* size) {
  return real(f)->pMethods->xFileSize(real(f), size);
}
int x_lock(sqlite3_file* f, int kind) { return real(f)->pMethods->xLock(real(f), kind); }
int x_unlock(sqlite3_file* f, int kind) { return real(f)->pMethods->xUnlock(real(f), kind); }
int x_reserved(sqlite3_file* f, int* out) {
  return real(f)->pMethods->xCheckReservedLock(real(f), out);
}
int x_control(sqlite3_file* f, int op, void* argument) {
  return real(f)->pMethods->xFileControl(real(f), op, argument);
}
int x_sector(sqlite3_file* f) { return real(f)->pMethods->xSectorSize(real(f)); }
int x_device(sqlite3_file* f) { return real(f)->pMethods->xDeviceCharacteristics(real(f)); }
int x_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
  return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
int x_shm_lock(sqlite3_file* f, int offset, int n, int flags) {
  return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}
void x_shm_barrier(sqlite3_file* f) { real(f)->pMethods->xShmBarrier(real(f)); }
int x_shm_unmap(sqlite3_file* f, int remove) {
  return real(f)->pMethods->xShmUnmap(real(f), remove);
}

// Version 2: with shared memory (WAL), without memory mapping.
const sqlite3_io_methods kMethods = {
    2,          x_close,       x_read,      x_write,   x_truncate, x_sync,   x_size,
    x_lock,     x_unlock,      x_reserved,  x_control, x_sector,   x_device, x_shm_map,
    x_shm_lock, x_shm_barrier, x_shm_unmap, nullptr,   nullptr};

sqlite3_vfs* g_usual = nullptr;
sqlite3_vfs g_ours;

int x_open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out) {
  file->pMethods = nullptr;
  if ((flags & SQLITE_OPEN_CREATE) != 0 && fails()) return SQLITE_CANTOPEN;
  const int code = g_usual->xOpen(g_usual, name, real(file), flags, out);
  if (code == SQLITE_OK) file->pMethods = &kMethods;
  return code;
}
int x_delete(sqlite3_vfs*, const char* name, int sync_folder) {
  return fails() ? SQLITE_IOERR_DELETE : g_usual->xDelete(g_usual, name, sync_folder);
}

}  // namespace

FaultVfs::FaultVfs(int fail_at, Kind kind, bool persistent) {
  g_faults = {fail_at, 0, kind == Kind::kFull, persistent, false};
  g_usual = sqlite3_vfs_find(nullptr);
  g_ours = *g_usual;
  g_ours.pNext = nullptr;
  g_ours.zName = "tenbin_fault";
  g_ours.szOsFile = static_cast<int>(sizeof(File)) + g_usual->szOsFile;
  g_ours.xOpen = x_open;
  g_ours.xDelete = x_delete;
  sqlite3_vfs_register(&g_ours, 1);
}

FaultVfs::~FaultVfs() {
  sqlite3_vfs_unregister(&g_ours);
  sqlite3_vfs_register(g_usual, 1);
}

bool FaultVfs::fired() const { return g_faults.fired; }

}  // namespace tenbin
