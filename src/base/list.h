/* A doubly linked list that lives inside its elements. `struct list l` must be list_init'ed. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
    struct list *next;
    struct list *prev;
};

/* The element that holds `node` as its member. */
#define LIST_ITEM(node, type, member) ((type *)(void *)((char *)(node)-offsetof(type, member)))

/* Walk `head`; `node` may be removed inside the body, `after` is its successor. */
#define LIST_EACH(node, after, head)                                                               \
    for (struct list *node = (head)->next, *after = node->next; node != (head);                    \
         node = after, after = node->next)

static inline void list_init(struct list *head)
{
    head->next = head;
    head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
    return head->next == head;
}

/* Put `node` at the end. */
static inline void list_push(struct list *head, struct list *node)
{
    node->prev = head->prev;
    node->next = head;
    head->prev->next = node;
    head->prev = node;
}

/* Put `node` at the front. */
static inline void list_push_front(struct list *head, struct list *node)
{
    list_push(head->next, node);
}

/* Take `node` out of its list; it becomes a list of its own, so removing twice is harmless. */
static inline void list_remove(struct list *node)
{
    node->prev->next = node->next;
    node->next->prev = node->prev;
    list_init(node);
}

/* Take the first node out, NULL when the list is empty. */
static inline struct list *list_take(struct list *head)
{
    struct list *node = head->next;

    if (node == head) {
        return NULL;
    }
    list_remove(node);
    return node;
}

#endif
