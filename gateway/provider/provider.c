/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway/provider/provider.h"

static const struct provider_ops *const kinds[] = {
    [PROVIDER_KIND_OPENAI] = &provider_openai,
    [PROVIDER_KIND_SIMULATOR] = &provider_simulator,
};

enum dvara_status provider_call_start(struct worker *worker, const struct provider_request *request,
                                      const struct provider_events *events, void *user,
                                      struct provider_call **ret_call)
{
    return kinds[request->provider->kind]->start(worker, request, events, user, ret_call);
}
