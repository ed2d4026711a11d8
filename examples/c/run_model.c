/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a model on one row of numbers and prints what it answers:

     cc -std=c99 run_model.c -ltenbin -o run_model
     ./run_model model.onnx 0.1 0.2 0.3 ...
*/
#include <stdio.h>
#include <stdlib.h>
#include <tenbin.h>

static int fail(const char* what) {
  fprintf(stderr, "%s: %s\n", what, tenbin_last_error());
  return 1;
}

static void print_tensor(const char* name, const tenbin_tensor* tensor) {
  int64_t count = 1;
  for (int32_t d = 0; d < tensor->rank; ++d) count *= tensor->shape[d];
  printf("%s", name);
  for (int64_t i = 0; i < count; ++i) {
    if (tensor->type == TENBIN_FLOAT32) {
      printf(" %.9g", ((const float*)tensor->data)[i]);
    } else if (tensor->type == TENBIN_INT64) {
      printf(" %lld", (long long)((const int64_t*)tensor->data)[i]);
    } else if (tensor->type == TENBIN_STRING) {
      const tenbin_text* text = (const tenbin_text*)tensor->data + i;
      printf(" %.*s", (int)text->size, text->data);
    }
  }
  printf("\n");
}

int main(int argc, char** argv) {
  if (argc < 3) {
    fprintf(stderr, "usage: run_model MODEL NUMBER...\n");
    return 2;
  }
  tenbin_model* model = NULL;
  if (tenbin_open(argv[1], NULL, &model) != TENBIN_OK) return fail(argv[1]);

  /* One row of all the numbers, in the shape that the model asks for. */
  tenbin_value value;
  if (tenbin_input(model, 0, &value) != TENBIN_OK) return fail("input");
  int64_t shape[8] = {1, argc - 2};
  int32_t rank = 2;
  if (value.rank > 2 && value.rank <= 8) {
    rank = value.rank;
    for (int32_t d = 1; d < rank; ++d) shape[d] = value.shape[d];
  }
  float* numbers = malloc(sizeof(float) * (size_t)(argc - 2));
  if (numbers == NULL) return 1;
  for (int i = 2; i < argc; ++i) numbers[i - 2] = (float)atof(argv[i]);
  const tenbin_tensor input = {TENBIN_FLOAT32, rank, shape, numbers};

  const size_t count = tenbin_output_count(model);
  tenbin_tensor* outputs = calloc(count, sizeof *outputs);
  if (outputs == NULL) return 1;
  if (tenbin_run(model, &input, 1, outputs, count) != TENBIN_OK) return fail("run");
  for (size_t i = 0; i < count; ++i) {
    tenbin_output(model, i, &value);
    print_tensor(value.name, &outputs[i]);
  }
  free(outputs);
  free(numbers);
  tenbin_close(model);
  return 0;
}
