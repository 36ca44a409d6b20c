/* SPDX-License-Identifier: Apache-2.0 */
/* The bytes of gateway/default.dvp, compiled, as embedded_bundle.c hands them out. */
    .section .rodata
    .balign 64
    .globl dvara_embedded_bundle_begin
dvara_embedded_bundle_begin:
    .incbin "default.dvb"
    .globl dvara_embedded_bundle_end
dvara_embedded_bundle_end:
    .section .note.GNU-stack,"",%progbits
