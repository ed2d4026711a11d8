/* SPDX-License-Identifier: Apache-2.0 */
/* libtenbin: load an ONNX model and run it in this process. C99 and later. */
#ifndef TENBIN_H
#define TENBIN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TENBIN_API __attribute__((visibility("default")))

/* Numbers of ONNX. */
typedef enum tenbin_type {
  TENBIN_FLOAT32 = 1,
  TENBIN_UINT8 = 2,
  TENBIN_INT8 = 3,
  TENBIN_UINT16 = 4,
  TENBIN_INT16 = 5,
  TENBIN_INT32 = 6,
  TENBIN_INT64 = 7,
  TENBIN_STRING = 8, /* elements are tenbin_text */
  TENBIN_BOOL = 9,   /* a byte, 0 or 1 */
  TENBIN_FLOAT16 = 10,
  TENBIN_FLOAT64 = 11,
  TENBIN_UINT32 = 12,
  TENBIN_UINT64 = 13,
  TENBIN_BFLOAT16 = 16
} tenbin_type;

/* What a call returns; tenbin_last_error() has the words. Numbers as the program's exit codes. */
typedef enum tenbin_status {
  TENBIN_OK = 0,
  TENBIN_RUN_FAILED = 1,
  TENBIN_BAD_CALL = 2,  /* an argument of the call itself */
  TENBIN_BAD_INPUT = 3, /* the model's file, or a tensor that does not fit */
  TENBIN_MISSING = 4,   /* an operator or a capability that is not here */
  TENBIN_IO = 74
} tenbin_status;

typedef struct tenbin_text {
  const char* data; /* UTF-8, not ended by NUL */
  size_t size;      /* bytes */
} tenbin_text;

/* Row-major, in the byte order of this machine. */
typedef struct tenbin_tensor {
  int32_t type; /* tenbin_type */
  int32_t rank;
  const int64_t* shape; /* `rank` sizes; may be null if rank is 0 */
  const void* data;
} tenbin_tensor;

/* What a model takes or gives. */
typedef struct tenbin_value {
  const char* name;
  int32_t type;         /* tenbin_type */
  int32_t rank;         /* -1: not known */
  const int64_t* shape; /* -1: free, as the rows of a batch */
} tenbin_value;

/* Zeros are the defaults; set `size` to sizeof(tenbin_options). */
typedef struct tenbin_options {
  size_t size;
  int32_t threads;  /* of one run [0: 1] */
  int32_t bfloat16; /* 1: numbers of 16 bits where the processor multiplies them */
} tenbin_options;

/* A model and its memory for one thread; calls on one of them must not overlap. */
typedef struct tenbin_model tenbin_model;

TENBIN_API const char* tenbin_version(void);
/* Words of the last failure on this thread: what was found, what is valid, where, how to mend it.
   Empty before the first. Valid until the next failure on this thread. */
TENBIN_API const char* tenbin_last_error(void);

/* `options` may be null. On failure *model is null. Data that lie beside the file are read too. */
TENBIN_API int tenbin_open(const char* path, const tenbin_options* options, tenbin_model** model);
/* The bytes of an ONNX file, not needed afterwards. */
TENBIN_API int tenbin_open_bytes(const void* bytes, size_t size, const tenbin_options* options,
                                 tenbin_model** model);
/* The same model for another thread. */
TENBIN_API int tenbin_clone(const tenbin_model* model, tenbin_model** clone);
/* Null is allowed. */
TENBIN_API void tenbin_close(tenbin_model* model);

TENBIN_API size_t tenbin_input_count(const tenbin_model* model);
TENBIN_API size_t tenbin_output_count(const tenbin_model* model);
/* Valid as long as the model. */
TENBIN_API int tenbin_input(const tenbin_model* model, size_t index, tenbin_value* value);
TENBIN_API int tenbin_output(const tenbin_model* model, size_t index, tenbin_value* value);

/* Inputs and outputs in the model's order, all of them. Outputs belong to the model and are valid
   until its next run, or tenbin_close. */
TENBIN_API int tenbin_run(tenbin_model* model, const tenbin_tensor* inputs, size_t input_count,
                          tenbin_tensor* outputs, size_t output_count);

#ifdef __cplusplus
}
#endif

#endif
