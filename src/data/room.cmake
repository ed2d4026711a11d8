# SPDX-License-Identifier: Apache-2.0
tenbin_catalogue(ROOM data DIR transforms PREFIX transform_ TYPE TransformEntry
                 HEADER data/transforms/transform.h FUNCTION transform_catalogue)
