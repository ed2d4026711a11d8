# SPDX-License-Identifier: Apache-2.0
tenbin_catalogue(ROOM cli DIR . PREFIX cmd_ TYPE CommandEntry HEADER cli/command.h
                 FUNCTION command_catalogue)
