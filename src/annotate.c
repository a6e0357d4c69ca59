/* SPDX-License-Identifier: 0BSD */
/* annotate.c: the detectors that the build knows, and what the one that watches is told. */
#include "annotate.h"

#include "optional.h"

static const wgi_detector_t *const detectors[] = {
    WGI_OPTIONAL(WGI_HAVE_TSAN, wgi_detector_tsan),
    WGI_OPTIONAL(WGI_HAVE_VALGRIND, wgi_detector_valgrind),
};

atomic_bool wgi_annotate_on = true;

/* The detector that watches this process, or NULL. */
static const wgi_detector_t *find(void)
{
    if (!wgi_annotate_watched())
        return NULL;
    for (size_t i = 0; i < sizeof detectors / sizeof detectors[0]; i++)
        if (detectors[i] != NULL && detectors[i]->is_here())
            return detectors[i];
    atomic_store_explicit(&wgi_annotate_on, false, memory_order_relaxed);
    return NULL;
}

void wgi_annotate_release(void *place)
{
    const wgi_detector_t *const detector = find();
    if (detector != NULL)
        detector->release(place);
}

void wgi_annotate_acquire(void *place)
{
    const wgi_detector_t *const detector = find();
    if (detector != NULL)
        detector->acquire(place);
}

void wgi_annotate_add(unsigned char *shadow, int32_t counter, int delta, void *caller)
{
    const wgi_detector_t *const detector = find();
    if (detector != NULL && counter == delta && delta > 0)
        detector->add_from_zero(shadow, caller);
}

void wgi_annotate_wait(unsigned char *shadow, void *caller)
{
    const wgi_detector_t *const detector = find();
    if (detector != NULL)
        detector->wait_begins(shadow, caller);
}

void wgi_annotate_wake_begins(void)
{
    const wgi_detector_t *const detector = find();
    if (detector != NULL)
        detector->see_stores(false);
}

void wgi_annotate_wake_ends(void)
{
    const wgi_detector_t *const detector = find();
    if (detector != NULL)
        detector->see_stores(true);
}

void wgi_annotate_new(void *group, size_t size, unsigned char *shadow)
{
    const size_t before = (size_t)(shadow - (unsigned char *)group);
    wgi_annotate_hide(group, before);
    wgi_annotate_hide(shadow + 1, size - before - 1);
}

void wgi_annotate_hide(void *bytes, size_t size)
{
    const wgi_detector_t *const detector = find();
    if (detector != NULL)
        detector->hide(bytes, size);
}

void wgi_annotate_gone(void *bytes, size_t size)
{
    const wgi_detector_t *const detector = find();
    if (detector != NULL)
        detector->show(bytes, size);
}
