/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/embedded_bundle.h"

/* In embedded_bundle.S. */
extern const char dvara_embedded_bundle_begin[], dvara_embedded_bundle_end[];

struct dvara_str embedded_bundle(void)
{
    return dvara_str_from(dvara_embedded_bundle_begin,
                          (size_t)(dvara_embedded_bundle_end - dvara_embedded_bundle_begin));
}
