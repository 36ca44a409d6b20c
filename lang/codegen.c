/* SPDX-License-Identifier: Apache-2.0 */
#include "lang/codegen.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "lang/generator.h"
#include "pattern/sources.h"

static const struct type string_type = {DVARA_TYPE_STRING, DVARA_SHAPE_ONE};
static const struct type bool_type = {DVARA_TYPE_BOOL, DVARA_SHAPE_ONE};

static struct dvara_str or_empty(struct dvara_str s)
{
    return s.p ? s : DVARA_STR("");
}

static void add_manifest(struct generator *generator, const struct codegen_options *options)
{
    const struct program *program = generator->program;
    struct dvara_str package = or_empty(program_package(program));
    bool allow = program->fallback && program->fallback->fallback.allow;
    struct bundle_manifest row = {
        .name = bundle_string(generator->writer, options->name.p ? options->name : package),
        .package = bundle_string(generator->writer, package),
        .compiler = bundle_string(generator->writer, or_empty(options->compiler)),
        .sequence = options->sequence,
        .not_after = options->not_after,
        .fallback = allow ? BUNDLE_DEFAULT_ALLOW : BUNDLE_DEFAULT_DENY};
    bundle_add(generator->writer, BUNDLE_TABLE_MANIFEST, &row);
}

static bool is_before(const struct source *a, struct dvara_str digest_a, const struct source *b,
                      struct dvara_str digest_b)
{
    int c = dvara_str_cmp(digest_a, digest_b);
    c = c ? c : dvara_str_cmp(source_recorded_path(a), source_recorded_path(b));
    return c < 0;
}

/* Sources in the order of their digests: the order in which files were read must not show. */
static void add_sources(struct generator *generator)
{
    const struct sources *sources = &generator->program->sources;
    struct dvara_str *digests = ARENA_ARRAY(generator->arena, sources->n, struct dvara_str);
    uint32_t *order = ARENA_ARRAY(generator->arena, sources->n, uint32_t);
    for (uint32_t i = 0; digests && order && i < sources->n; i++) {
        unsigned char digest[FORMAT_DIGEST];
        struct buf hex;
        buf_init(&hex, 2 * sizeof digest + 1);
        format_sha256(sources->v[i]->text, digest);
        bytes_hex(&hex, dvara_str_from((const char *)digest, sizeof digest));
        digests[i] = arena_copy(generator->arena, buf_str(&hex));
        buf_clear(&hex);
        uint32_t at = i;
        for (; at > 0 && is_before(sources->v[i], digests[i], sources->v[order[at - 1]],
                                   digests[order[at - 1]]);
             at--)
            order[at] = order[at - 1];
        order[at] = i;
    }
    for (uint32_t i = 0; digests && order && i < sources->n; i++) {
        struct bundle_source row = {
            bundle_string(generator->writer, or_empty(source_recorded_path(sources->v[order[i]]))),
            bundle_string(generator->writer, digests[order[i]])};
        bundle_add(generator->writer, BUNDLE_TABLE_SOURCE, &row);
    }
}

static void add_runtime_lists(struct generator *generator)
{
    const struct decls *decls = &generator->program->by_kind[DECL_RUNTIME_LIST];
    for (size_t i = 0; i < decls->n; i++) {
        const struct texts *texts = &decls->v[i]->list.values;
        struct constant *v = ARENA_ARRAY(generator->arena, texts->n, struct constant);
        for (size_t k = 0; v && k < texts->n; k++)
            v[k] = (struct constant){.type = string_type, .s = texts->v[k].s};
        struct bundle_runtime row = {
            bundle_string(generator->writer, decls->v[i]->name),
            generate_list(generator, (struct constants){v, v ? texts->n : 0}, DVARA_TYPE_STRING)};
        bundle_add(generator->writer, BUNDLE_TABLE_RUNTIME, &row);
    }
}

static void add_providers(struct generator *generator)
{
    const struct decls *decls = &generator->program->by_kind[DECL_PROVIDER];
    for (size_t i = 0; i < decls->n; i++) {
        const struct provider *provider = &decls->v[i]->provider;
        struct bundle_provider row = {
            bundle_string(generator->writer, decls->v[i]->name),
            bundle_string(generator->writer, or_empty(provider->zone.s)),
            bundle_string(generator->writer, or_empty(provider->region.s))};
        bundle_add(generator->writer, BUNDLE_TABLE_PROVIDER, &row);
    }
}

static uint32_t add_names(struct generator *generator, const struct texts *texts)
{
    uint32_t first = bundle_count(generator->writer, BUNDLE_TABLE_ALIAS);
    for (size_t i = 0; i < texts->n; i++) {
        struct bundle_alias row = {bundle_string(generator->writer, texts->v[i].s)};
        bundle_add(generator->writer, BUNDLE_TABLE_ALIAS, &row);
    }
    return first;
}

static uint32_t add_tiers(struct generator *generator, const struct model *model)
{
    uint32_t first = bundle_count(generator->writer, BUNDLE_TABLE_TIER);
    for (size_t i = 0; i < model->n_tiers; i++) {
        struct bundle_tier row = {bundle_string(generator->writer, model->tiers[i].name.s),
                                  model->tiers[i].percent.i};
        bundle_add(generator->writer, BUNDLE_TABLE_TIER, &row);
    }
    return first;
}

static int64_t or_none(struct number number)
{
    return number.has ? number.i : -1;
}

static void add_models(struct generator *generator)
{
    const struct decls *decls = &generator->program->by_kind[DECL_MODEL];
    for (size_t i = 0; i < decls->n; i++) {
        const struct model *model = &decls->v[i]->model;
        struct bundle_model row = {.provider = bundle_string(generator->writer, model->provider.s),
                                   .model = bundle_string(generator->writer, model->model.s),
                                   .input = or_none(model->input),
                                   .output = or_none(model->output),
                                   .cached = or_none(model->cached),
                                   .cache_write = or_none(model->cache_write),
                                   .request = or_none(model->request),
                                   .image = or_none(model->image),
                                   .image_tokens = or_none(model->image_tokens),
                                   .context = or_none(model->context),
                                   .max_output = or_none(model->max_output),
                                   .supports_count = (uint32_t)model->supports.n,
                                   .count = (uint32_t)model->aliases.n,
                                   .tier_count = (uint32_t)model->n_tiers};
        row.supports_first = add_names(generator, &model->supports);
        row.first = add_names(generator, &model->aliases);
        row.tier_first = add_tiers(generator, model);
        bundle_add(generator->writer, BUNDLE_TABLE_MODEL, &row);
    }
}

static uint32_t add_target(struct generator *generator, const struct route_target *target)
{
    struct bundle_target row = {.provider = bundle_string(generator->writer, target->provider.s),
                                .model = bundle_string(generator->writer, target->model.s),
                                .weight = (uint32_t)target->weight.i,
                                .arm = target->arm,
                                .share = (uint32_t)target->share.i};
    return bundle_add(generator->writer, BUNDLE_TABLE_TARGET, &row);
}

static void add_targets(struct generator *generator, const struct route *route,
                        struct bundle_route *row)
{
    row->first = bundle_count(generator->writer, BUNDLE_TABLE_TARGET);
    row->count = (uint32_t)route->n_targets;
    for (size_t i = 0; i < route->n_targets; i++)
        add_target(generator, &route->targets[i]);
    row->mirror = route->mirror.name.s.p ? add_target(generator, &route->mirror) : BUNDLE_ABSENT;
    row->retry_first = bundle_count(generator->writer, BUNDLE_TABLE_RETRY);
    row->retry_count = (uint32_t)route->n_retry_status;
    for (size_t i = 0; i < route->n_retry_status; i++) {
        struct bundle_retry retry = {route->retry_status[i]};
        bundle_add(generator->writer, BUNDLE_TABLE_RETRY, &retry);
    }
    row->abort_first = bundle_count(generator->writer, BUNDLE_TABLE_ABORT);
    row->abort_count = (uint32_t)route->n_aborts;
    for (size_t i = 0; i < route->n_aborts; i++) {
        const struct abort_when *when = &route->aborts[i];
        struct bundle_abort abort = {when->measure, when->relative, when->value.i};
        bundle_add(generator->writer, BUNDLE_TABLE_ABORT, &abort);
    }
}

static void add_routes(struct generator *generator)
{
    const struct decls *decls = &generator->program->by_kind[DECL_ROUTE];
    for (size_t i = 0; i < decls->n; i++) {
        const struct route *route = &decls->v[i]->route;
        struct bundle_route row = {
            .name = bundle_string(generator->writer, decls->v[i]->name),
            .match =
                route->match ? generate_block(generator, route->match, bool_type) : BUNDLE_ABSENT,
            .priority = route->priority,
            .strategy = route->strategy,
            .sticky = route->sticky_by ? generate_block(generator, route->sticky_by, string_type)
                                       : BUNDLE_ABSENT,
            .fallback = route->fallback.decl ? route->fallback.decl->order : BUNDLE_ABSENT,
            .has_retry = route->retry.has,
            .retries = (uint32_t)route->retry.i,
            .retry_on = route->retry_on,
            .backoff_low = route->backoff_low.i,
            .backoff_high = route->backoff_high.i,
            .timeout = route->timeout.i,
            .connect = route->connect.i,
            .first_byte = route->first_byte.i,
            .idle = route->idle.i,
            .window = route->window.i,
            .explore = (uint32_t)route->explore.i,
            .abort_over = route->abort_over.i,
            .abort_min = route->abort_min.i};
        add_targets(generator, route, &row);
        bundle_add(generator->writer, BUNDLE_TABLE_ROUTE, &row);
    }
}

/* A condition about one tenant, key or session is theirs. */
static void add_named_models(struct generator *generator, const struct expr *condition)
{
    if (condition && !expr_reads_caller(generator, condition))
        generate_named_models(generator, condition);
}

/* What GET /v1/models may tell anybody (G31). */
static void add_all_named_models(struct generator *generator)
{
    const struct decls *rules = &generator->program->by_kind[DECL_RULE];
    const struct decls *routes = &generator->program->by_kind[DECL_ROUTE];
    for (size_t i = 0; i < rules->n; i++)
        add_named_models(generator, rules->v[i]->rule.when);
    for (size_t i = 0; i < routes->n; i++)
        add_named_models(generator, routes->v[i]->route.match);
}

/* Patterns of another bundle, in its order. */
static void add_patterns(struct generator *generator, struct dvara_str section)
{
    struct pattern_source *v = NULL;
    size_t n = 0;
    if (section.n == 0 || pattern_sources_decode(section, generator->arena, &v, &n) != DVARA_OK)
        return;
    for (size_t i = 0; i < n; i++)
        generate_regex(
            generator,
            &(struct regex){.text = v[i].source,
                            .flags = (uint8_t)(v[i].flags & (REGEX_I | REGEX_S | REGEX_X))});
}

void codegen(const struct program *program, const struct codegen_options *options,
             struct bundle_writer *writer, struct diags *diags)
{
    struct arena *arena = program->arena;
    struct generator generator = {
        .arena = arena,
        .program = program,
        .writer = writer,
        .diags = diags,
        .floors = options->floors,
        .plain = options->plain,
        .intern = intern_new(arena),
        .let_blocks = ARENA_ARRAY(arena, program->by_kind[DECL_LET].n, uint32_t),
        .let_pii = ARENA_ARRAY(arena, program->by_kind[DECL_LET].n, uint8_t),
        .let_caller = ARENA_ARRAY(arena, program->by_kind[DECL_LET].n, uint8_t),
        .let_dear = ARENA_ARRAY(arena, program->by_kind[DECL_LET].n, uint8_t),
        .group_rows = ARENA_ARRAY(arena, program->by_kind[DECL_GROUP].n, uint32_t),
        .detector_rows = ARENA_ARRAY(arena, program->by_kind[DECL_DETECTOR].n, uint32_t)};
    if (!generator.intern || !generator.let_blocks || !generator.let_pii || !generator.let_caller ||
        !generator.let_dear || !generator.group_rows || !generator.detector_rows)
        return;
    add_patterns(&generator, options->patterns);
    add_manifest(&generator, options);
    add_sources(&generator);
    add_runtime_lists(&generator);
    add_providers(&generator);
    add_models(&generator);
    generate_rules(&generator);
    add_routes(&generator);
    generate_meters(&generator);
    add_all_named_models(&generator);
    generate_detectors(&generator);
    generate_tests(&generator);
}
