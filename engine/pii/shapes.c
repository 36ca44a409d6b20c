/* SPDX-License-Identifier: Apache-2.0 */
#include "pii/shapes.h"

#include "pattern/text.h"

static void classify(struct shapes *shapes)
{
    for (unsigned c = 0; c < 256; c++) {
        unsigned char byte = (unsigned char)c;
        shapes->kinds[c] = (uint8_t)((text_is_digit(byte) ? SHAPE_DIGIT : 0) |
                                     (text_is_upper(byte) ? SHAPE_UPPER : 0) |
                                     (byte >= 'a' && byte <= 'z' ? SHAPE_LOWER : 0) |
                                     (layout_is_separator(byte) ? SHAPE_SEPARATOR : 0));
        uint64_t bit = layout_bit(byte);
        shapes->bits[c] = (uint8_t)(bit ? __builtin_ctzll(bit) : 0);
    }
}

/* The slot of the key, or the free one where it belongs. */
static uint32_t *find_slot(struct shapes *shapes, uint64_t key)
{
    size_t slot = shape_slot_of(shapes, key);
    while (shapes->slots[slot] && shapes->edges[shapes->slots[slot] - 1].key != key)
        slot = (slot + 1) & (shapes->n_slots - 1);
    return &shapes->slots[slot];
}

/* The edge of the key, made if there was none. */
static struct shape_edge *take_edge(struct shapes *shapes, uint32_t node, unsigned char separator,
                                    size_t length)
{
    uint64_t key = shape_key(node, separator, length);
    uint32_t *slot = find_slot(shapes, key);
    if (*slot)
        return &shapes->edges[*slot - 1];
    struct shape_edge *edge = &shapes->edges[shapes->n_edges++];
    *slot = (uint32_t)shapes->n_edges;
    size_t places = length ? length : LAYOUT_CHARACTERS;
    *edge = (struct shape_edge){.key = key, .first_set = (uint32_t)shapes->n_group_sets};
    if (length)
        edge->node = (uint32_t)shapes->n_nodes++;
    shapes->n_group_sets += places;
    return edge;
}

static void widen(struct shapes *shapes, struct shape_edge *edge, const uint64_t *sets,
                  size_t length)
{
    for (size_t i = 0; i < length; i++) {
        uint64_t bit = UINT64_C(1) << i;
        edge->may_digit |= sets[i] & LAYOUT_DIGITS ? bit : 0;
        edge->may_upper |= sets[i] & LAYOUT_UPPER ? bit : 0;
        edge->may_lower |= sets[i] & LAYOUT_LOWER ? bit : 0;
        shapes->group_sets[edge->first_set + i] |= sets[i];
    }
}

/* Adds the layout's nodes; the one it ends at. */
static uint32_t add_layout(struct shapes *shapes, const struct layout *layout)
{
    uint32_t node = 0;
    size_t at = 0;
    bool digit = false;
    shapes->firsts |= UINT64_C(1) << layout->lengths[0];
    for (size_t i = 0; i < layout->n_groups; i++) {
        unsigned char separator = (unsigned char)layout->separators[i];
        for (size_t k = at; k < at + layout->lengths[i]; k++)
            digit = digit || !(layout->sets[k] & ~LAYOUT_DIGITS);
        if (!digit && i + 1 > shapes->lead)
            shapes->lead = i + 1;
        widen(shapes, take_edge(shapes, node, separator, 0), layout->sets + at, layout->lengths[i]);
        struct shape_edge *edge = take_edge(shapes, node, separator, layout->lengths[i]);
        widen(shapes, edge, layout->sets + at, layout->lengths[i]);
        node = edge->node;
        at += layout->lengths[i];
    }
    size_t width = at + layout->n_groups - 1u;
    shapes->width = width > shapes->width ? width : shapes->width;
    return node;
}

/* Is a set fully told by which kinds it holds? */
static bool is_whole(uint64_t set)
{
    const uint64_t kinds[] = {LAYOUT_DIGITS, LAYOUT_UPPER, LAYOUT_LOWER};
    for (size_t i = 0; i < 3; i++) {
        if ((set & kinds[i]) && (set & kinds[i]) != kinds[i])
            return false;
    }
    return true;
}

static void fill_leaf(struct shapes *shapes, struct shape_leaf *leaf, const struct shape_row *row,
                      uint32_t *n_sets)
{
    *leaf = (struct shape_leaf){.use = row->use, .first_set = *n_sets};
    for (uint32_t i = 0; i < row->layout.n; i++) {
        uint64_t set = row->layout.sets[i];
        uint64_t bit = UINT64_C(1) << i;
        leaf->places |= bit;
        leaf->only_digits |= set & (LAYOUT_UPPER | LAYOUT_LOWER) ? 0 : bit;
        leaf->no_digits |= set & LAYOUT_DIGITS ? 0 : bit;
        leaf->no_upper |= set & LAYOUT_UPPER ? 0 : bit;
        leaf->no_lower |= set & LAYOUT_LOWER ? 0 : bit;
        if (!is_whole(set))
            shapes->sets[(*n_sets)++] = (struct shape_set){.set = set, .place = i};
    }
    leaf->n_sets = *n_sets - leaf->first_set;
}

static bool allocate(struct shapes *shapes, const struct shape_row *rows, size_t n,
                     struct arena *arena)
{
    size_t groups = 1;
    size_t places = 0;
    for (size_t i = 0; i < n; i++) {
        groups += rows[i].layout.n_groups;
        places += rows[i].layout.n;
    }
    for (shapes->n_slots = 16; shapes->n_slots < groups * 4;)
        shapes->n_slots *= 2;
    shapes->edges = ARENA_ARRAY(arena, groups * 2, struct shape_edge);
    shapes->slots = ARENA_ARRAY(arena, shapes->n_slots, uint32_t);
    shapes->group_sets = ARENA_ARRAY(arena, places + groups * LAYOUT_CHARACTERS, uint64_t);
    shapes->first_leaf = ARENA_ARRAY(arena, groups + 2, uint32_t);
    shapes->nodes = ARENA_ARRAY(arena, groups + 1, struct shape_node);
    shapes->leaves = ARENA_ARRAY(arena, n, struct shape_leaf);
    shapes->sets = ARENA_ARRAY(arena, places, struct shape_set);
    return shapes->edges && shapes->slots && shapes->group_sets && shapes->first_leaf &&
           shapes->nodes && shapes->leaves && shapes->sets;
}

/* Layouts share most of their edges: a table of the size of what there is. */
static bool compact(struct shapes *shapes, struct arena *arena)
{
    for (shapes->n_slots = 16; shapes->n_slots < shapes->n_edges * 4;)
        shapes->n_slots *= 2;
    shapes->slots = ARENA_ARRAY(arena, shapes->n_slots, uint32_t);
    for (size_t i = 0; shapes->slots && i < shapes->n_edges; i++) {
        uint64_t key = shapes->edges[i].key;
        *find_slot(shapes, key) = (uint32_t)i + 1;
        for (size_t n = 0; n <= LAYOUT_CHARACTERS; n++) {
            if (key == shape_key(0, 0, n))
                shapes->heads[n] = (uint32_t)i + 1;
        }
    }
    return shapes->slots != NULL;
}

/* What every leaf of a node asks for; all of them have as many places. */
static void fill_nodes(struct shapes *shapes)
{
    for (size_t i = 0; i < shapes->n_nodes; i++) {
        struct shape_node *node = &shapes->nodes[i];
        *node = (struct shape_node){.only_digits = UINT64_MAX,
                                    .no_digits = UINT64_MAX,
                                    .no_lower = UINT64_MAX,
                                    .no_upper = UINT64_MAX};
        for (uint32_t l = shapes->first_leaf[i]; l < shapes->first_leaf[i + 1]; l++) {
            const struct shape_leaf *leaf = &shapes->leaves[l];
            node->places |= leaf->places;
            node->only_digits &= leaf->only_digits;
            node->no_digits &= leaf->no_digits;
            node->no_lower &= leaf->no_lower;
            node->no_upper &= leaf->no_upper;
        }
    }
}

bool shapes_build(struct shapes *shapes, const struct shape_row *rows, size_t n,
                  struct arena *arena)
{
    *shapes = (struct shapes){.n_nodes = 0};
    classify(shapes);
    uint32_t *nodes = ARENA_ARRAY(arena, n, uint32_t);
    if (!nodes || !allocate(shapes, rows, n, arena))
        return false;
    shapes->n_nodes = n ? 1 : 0;
    for (size_t i = 0; i < n; i++)
        nodes[i] = add_layout(shapes, &rows[i].layout);
    uint32_t *at = shapes->first_leaf + 1; /* shifted by one while filling */
    for (size_t i = 0; i < n; i++)
        at[nodes[i] + 1]++;
    for (size_t node = 1; node < shapes->n_nodes; node++)
        at[node] += at[node - 1];
    uint32_t n_sets = 0;
    for (size_t i = 0; i < n; i++)
        fill_leaf(shapes, &shapes->leaves[at[nodes[i]]++], &rows[i], &n_sets);
    fill_nodes(shapes);
    return compact(shapes, arena);
}
