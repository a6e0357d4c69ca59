/* SPDX-License-Identifier: 0BSD */
/*
 * wgwc.c: wc for whole trees, on all cores.
 *
 *     wgwc [-at] [-j N] [--] [PATH...]
 *
 * Counts lines, words and bytes of the files given and of all regular files below
 * the directories given (default: the current one, "."), and prints what
 * "LC_ALL=C wc" prints for the same files, byte for byte.  "-" is standard input.
 *
 *     -a    words may be of any bytes (see "What a word is")
 *     -j N  worker threads; default: one for each processor
 *     -t    print the total only
 *
 * Order: the arguments as given; the files of one argument by the bytes of their
 * paths, as LC_ALL=C sort has them.  So these two print the same:
 *
 *     wgwc DIR
 *     find -H DIR -type f -print0 | LC_ALL=C sort -z > list; LC_ALL=C wc --files0-from=list
 *
 * Two things differ from wc on purpose: a directory is a tree to count, and without
 * an argument that is ".", not standard input.
 *
 * Symbolic links: one that is an argument is followed, one in a tree is skipped.
 * So are devices, sockets and pipes in a tree; as arguments they are read.
 * Errors: one line each on standard error, as GNU wc has it; exit status 1.
 * On a terminal, standard error shows the progress.
 * Ctrl-C (SIGINT) and SIGTERM: starts nothing new, finishes the pieces under way,
 * prints the files that are complete and their total, and dies of that signal,
 * which a shell sees as 130.  The second Ctrl-C kills at once.
 *
 * What a word is: a run of bytes other than the six white ones that holds at least
 * one printable byte: the rule of GNU wc 9.1 in the C locale.  With -a, a run of
 * bytes other than the six white ones: the rule of POSIX, which other wcs keep.
 *
 * How the wait group is used: a task is a directory to list, a file to count, or a
 * piece of a large file.  A task adds those that it finds before it is done, so
 * the group is empty only when the whole tree is counted.  All adds are
 * wg_try_add(): the signal handler closes the group, from then on nothing is
 * added, and the wait that is under way anyway becomes the drain.
 */
#define _GNU_SOURCE /* for O_PATH and d_type; all else is POSIX.1-2008 */
#define _FILE_OFFSET_BITS 64
#include <wg/wg.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(O_PATH)
#define OPEN_PREFIX O_PATH
#elif defined(O_SEARCH)
#define OPEN_PREFIX O_SEARCH
#else
#define OPEN_PREFIX O_RDONLY
#endif

enum {
    SLICE_NS = 100 * 1000 * 1000, /* between two looks at the progress */
    PIECE = 4 << 20,              /* a file larger than this is counted in pieces */
    PIECES_MAX = 1 << 16,         /* of one file; beyond, the pieces grow */
    BUFFER = 128 << 10,
    BLOCK = 256,        /* bytes that count_block() takes at once: 16 of each lane, which must fit in a byte */
    BATCH = 256,        /* entries of a directory that are added at once */
    PATH_LENGTH = 4096, /* what the system takes in one call, with the final NUL */
    WHOLE = -1          /* as the number of a piece: not opened yet */
};

/* A task in the queue. */
typedef struct job {
    struct job *next;
    struct item *item;
    long piece;
} job_t;

/* The counts of a piece, and what the next piece must know of its ends. */
typedef struct count {
    uint64_t lines, words, bytes;
    bool leading;  /* a word stands before the first white byte, so it may have begun in the piece before */
    bool trailing; /* the piece ends in a word */
    bool white;    /* there is a white byte */
} count_t;

typedef struct piece {
    job_t job;
    count_t count;
} piece_t;

/* A file or a directory. */
typedef struct item {
    job_t job; /* first: to open it */
    struct item *all;
    size_t argument; /* which one it came from */
    bool given;      /* it is the argument itself */
    bool listed;     /* a file that was opened: it has a line */
    bool directory;
    bool known; /* stat() has an answer: */
    bool regular;
    off_t size;
    int fd;
    atomic_int error;     /* errno, or 0 */
    atomic_bool left_out; /* a part was not counted: interrupted */
    atomic_long unfinished;
    long pieces;
    off_t piece_size;
    piece_t *piece; /* pieces of them, or NULL */
    count_t count;
    struct item *then; /* a "-" after this one, to be submitted when this one is done */
    char path[];
} item_t;

/* The tasks that wait for a worker, first in, first out; and all items that ever were. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t more;
    job_t *first, **end;
    item_t *all;
    size_t items;
    bool over;
} queue = { .mutex = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .end = &queue.first };

static wg_t *tasks; /* counts directories, files and pieces that are not done */
static bool any_bytes;
static bool input_closed;      /* as the program began: what is opened may then become descriptor 0 */
static atomic_int interrupted; /* the signal */
static atomic_size_t files_counted;
static atomic_uint_fast64_t bytes_counted;

static _Noreturn void die(const char *what, int error)
{
    fprintf(stderr, "wgwc: %s: %s\n", what, strerror(error));
    _exit(1);
}

static void *allocate(size_t size)
{
    void *const memory = calloc(1, size);
    if (memory == NULL)
        die("memory", ENOMEM);
    return memory;
}

/*
 * Counting bytes.
 */

/* A byte is white; or solid, which makes a word; or neither: part of a run, but makes no word of it. */
static inline bool is_white(unsigned char c)
{
    return c == ' ' || (unsigned char)(c - '\t') < 5;
}

static inline bool is_solid(unsigned char c)
{
    return any_bytes ? !is_white(c) : (unsigned char)(c - '!') < 94;
}

/* Adds 'size' bytes at 'p' to '*count'; returns whether they end in a word. */
static bool count_one_by_one(count_t *count, const unsigned char *p, size_t size, bool in_word)
{
    for (size_t i = 0; i < size; i++) {
        const bool solid = is_solid(p[i]);
        count->lines += p[i] == '\n';
        count->words += solid && !in_word;
        in_word = solid || (in_word && !is_white(p[i]));
    }
    return in_word;
}

#ifdef __GNUC__ /* and clang: sixteen at a time, on any processor */
typedef unsigned char vector_t __attribute__((vector_size(16)));

static inline vector_t load(const unsigned char *p)
{
    vector_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline vector_t solid_ones(vector_t v)
{
    return (vector_t)(v - '!' < 94);
}

/*
 * Likewise, for BLOCK bytes, if all are white or printable; else false, and nothing
 * is counted.  p[-1] is the byte before, or one that stands for it: a word begins
 * where a printable byte follows a white one.
 */
static inline bool count_block(count_t *count, const unsigned char *p)
{
    vector_t lines = { 0 }, words = { 0 }, odd = { 0 };
    for (size_t i = 0; i < BLOCK; i += sizeof(vector_t)) {
        const vector_t v = load(p + i);
        const vector_t solid = solid_ones(v), white = (vector_t)(v == ' ') | (vector_t)(v - '\t' < 5);
        lines -= (vector_t)(v == '\n'); /* a comparison gives 0 or -1 */
        words -= solid & ~solid_ones(load(p + i - 1));
        odd |= ~(solid | white);
    }
    unsigned n_lines = 0, n_words = 0, any_odd = 0;
    for (size_t i = 0; i < sizeof(vector_t); i++) {
        n_lines += lines[i];
        n_words += words[i];
        any_odd |= odd[i];
    }
    if (any_odd != 0)
        return false;
    count->lines += n_lines;
    count->words += n_words;
    return true;
}
#else
static inline bool count_block(count_t *count, const unsigned char *p)
{
    (void)count;
    (void)p;
    return false;
}
#endif

/* Likewise; p[-1] is the caller's too, and is overwritten. */
static bool count_bytes(count_t *count, unsigned char *p, size_t size, bool in_word)
{
    count->bytes += size;
    for (; size >= BLOCK; p += BLOCK, size -= BLOCK) {
        p[-1] = in_word ? 'x' : ' ';
        if (count_block(count, p))
            in_word = !is_white(p[BLOCK - 1]);
        else
            in_word = count_one_by_one(count, p, BLOCK, in_word);
    }
    return count_one_by_one(count, p, size, in_word);
}

/* The run that a piece begins with, up to its first white byte; for pieces only. */
static void look_at_start(count_t *count, const unsigned char *p, size_t size)
{
    for (size_t i = 0; i < size && !count->white; i++) {
        count->white = is_white(p[i]);
        count->leading |= is_solid(p[i]);
    }
}

/*
 * Counts 'size' bytes from 'offset' on, or up to the end of the file if size < 0.
 * offset < 0: reads on from where the file stands.  Returns 0 | errno.
 */
static int count_range(int fd, off_t offset, off_t size, count_t *count)
{
    static _Thread_local unsigned char buffer[1 + BUFFER];
    unsigned char *const p = buffer + 1;

    while (size != 0) {
        const size_t most = size < 0 || size > BUFFER ? BUFFER : (size_t)size;
        const ssize_t n = offset < 0 ? read(fd, p, most) : pread(fd, p, most, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno;
        if (n == 0)
            break;
        if (offset >= 0 && !count->white)
            look_at_start(count, p, (size_t)n);
        count->trailing = count_bytes(count, p, (size_t)n, count->trailing);
        atomic_fetch_add_explicit(&bytes_counted, (uint64_t)n, memory_order_relaxed);
        if (offset >= 0)
            offset += n;
        if (size > 0)
            size -= n;
    }
    return 0;
}

/* 'next' follows on 'sum': a word across the border was counted by both. */
static void append(count_t *sum, const count_t *next)
{
    sum->lines += next->lines;
    sum->words += next->words - (sum->trailing && next->leading);
    sum->bytes += next->bytes;
    sum->trailing = next->trailing || (sum->trailing && !next->white);
}

/*
 * The queue.
 */

static void push(job_t *first, job_t **end)
{
    pthread_mutex_lock(&queue.mutex);
    *queue.end = first;
    queue.end = end;
    if (first->piece == WHOLE)
        for (job_t *job = first; job != NULL; job = job->next) {
            job->item->all = queue.all;
            queue.all = job->item;
            queue.items++;
        }
    pthread_cond_broadcast(&queue.more);
    pthread_mutex_unlock(&queue.mutex);
}

static job_t *pop(void)
{
    pthread_mutex_lock(&queue.mutex);
    while (queue.first == NULL && !queue.over)
        pthread_cond_wait(&queue.more, &queue.mutex);
    job_t *const job = queue.first;
    if (job != NULL) {
        queue.first = job->next;
        job->next = NULL;
        if (queue.first == NULL)
            queue.end = &queue.first;
    }
    pthread_mutex_unlock(&queue.mutex);
    return job;
}

static void free_item(item_t *item)
{
    while (item != NULL) {
        item_t *const then = item->then;
        free(item->piece);
        free(item);
        item = then;
    }
}

static void free_jobs(job_t *job)
{
    while (job != NULL) {
        job_t *const next = job->next;
        free_item(job->item);
        job = next;
    }
}

/*
 * Adds n tasks, then gives them to the workers: in this order, or a task might be
 * done before it is counted.  False: interrupted, and they are dropped.
 */
static bool submit(job_t *first, job_t **end, uint32_t n)
{
    if (!wg_try_add(tasks, n))
        return false;
    push(first, end);
    return true;
}

static item_t *new_item(const char *directory, const char *name, size_t argument)
{
    const size_t head = strlen(directory), tail = strlen(name);
    const bool slash = head > 0 && directory[head - 1] != '/';
    item_t *const item = allocate(sizeof *item + head + slash + tail + 1);
    memcpy(item->path, directory, head);
    if (slash)
        item->path[head] = '/';
    memcpy(item->path + head + slash, name, tail);
    item->argument = argument;
    item->job.item = item;
    item->job.piece = WHOLE;
    return item;
}

/*
 * The tasks.
 */

/* open(), also of paths that are longer than the system takes: these in parts. */
static int open_path(const char *path, int flags)
{
    int at = AT_FDCWD;
    char part[PATH_LENGTH];

    while (strlen(path) >= PATH_LENGTH) {
        memcpy(part, path, PATH_LENGTH - 1);
        part[PATH_LENGTH - 1] = '\0';
        char *const slash = strrchr(part, '/');
        if (slash == NULL || slash == part)
            break;
        *slash = '\0';
        const int fd = openat(at, part, OPEN_PREFIX | O_DIRECTORY | O_CLOEXEC);
        const int error = errno;
        if (at != AT_FDCWD)
            close(at);
        errno = error;
        if (fd < 0)
            return -1;
        at = fd;
        path += slash + 1 - part;
        path += strspn(path, "/");
    }
    const int fd = openat(at, path, flags);
    const int error = errno;
    if (at != AT_FDCWD)
        close(at);
    errno = error;
    return fd;
}

/* What the entry is that the directory does not tell. */
static bool is_wanted(DIR *dir, const struct dirent *entry)
{
    struct stat st;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_REG || entry->d_type == DT_DIR;
    return fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || S_ISREG(st.st_mode) ||
           S_ISDIR(st.st_mode);
}

/* Lists a directory and submits what is in it. */
static void list_directory(item_t *item, int fd)
{
    DIR *const dir = fdopendir(fd);
    if (dir == NULL) {
        item->error = errno;
        close(fd);
        return;
    }

    job_t *first = NULL, **end = &first;
    uint32_t n = 0;
    const struct dirent *entry;
    do {
        errno = 0;
        entry = readdir(dir);
        if (entry == NULL && errno != 0)
            item->error = errno;
        if (entry != NULL && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
            is_wanted(dir, entry)) {
            item_t *const found = new_item(item->path, entry->d_name, item->argument);
            *end = &found->job;
            end = &found->job.next;
            n++;
        }
        if (n == BATCH || (entry == NULL && n > 0)) {
            if (!submit(first, end, n)) {
                free_jobs(first);
                item->left_out = true;
                break;
            }
            first = NULL;
            end = &first;
            n = 0;
        }
    } while (entry != NULL);
    closedir(dir);
}

/* Whoever does the last part of a file closes it. */
static void finish_pieces(item_t *item, long n)
{
    if (atomic_fetch_sub(&item->unfinished, n) == n) {
        close(item->fd);
        atomic_fetch_add_explicit(&files_counted, 1, memory_order_relaxed);
    }
}

static void count_piece(item_t *item, long i)
{
    const bool last = i == item->pieces - 1; /* it takes what the file has grown, too */
    const int error =
        count_range(item->fd, (off_t)i * item->piece_size, last ? -1 : item->piece_size, &item->piece[i].count);
    if (error != 0)
        item->error = error;
}

/* A large file: every piece is a task, the first one is what is left of this task. */
static void split(item_t *item)
{
    item->piece_size = item->size / PIECE < PIECES_MAX ? PIECE : item->size / PIECES_MAX;
    item->pieces = (long)(item->size / item->piece_size);
    item->piece = allocate((size_t)item->pieces * sizeof *item->piece);
    item->unfinished = item->pieces;
    for (long i = 0; i < item->pieces; i++) {
        item->piece[i].job.item = item;
        item->piece[i].job.piece = i;
        item->piece[i].job.next = i + 1 < item->pieces ? &item->piece[i + 1].job : NULL;
    }
    const long others = item->pieces - 1;
    if (!submit(&item->piece[1].job, &item->piece[others].job.next, (uint32_t)others)) {
        item->left_out = true;
        finish_pieces(item, others);
    }
    count_piece(item, 0);
    finish_pieces(item, 1);
}

static bool is_input(const item_t *item)
{
    return item->given && strcmp(item->path, "-") == 0;
}

/* A whole file, or what is left of one. */
static void count_file(item_t *item, int fd)
{
    item->fd = fd;
    item->unfinished = 1;
    const int error = count_range(fd, -1, -1, &item->count);
    if (error != 0)
        item->error = error;
    finish_pieces(item, 1);
}

/*
 * Standard input: as wc, what cannot be read counts as empty.  One "-" after the
 * other, in the order given: the first may leave nothing to the next.
 */
static void count_input(item_t *item)
{
    struct stat st;
    const int fd = input_closed ? -1 : dup(STDIN_FILENO);
    item->listed = true;
    if (fd < 0) {
        item->error = input_closed ? EBADF : errno;
    } else {
        item->known = fstat(fd, &st) == 0;
        item->regular = item->known && S_ISREG(st.st_mode);
        item->size = item->known ? st.st_size : 0;
        count_file(item, fd);
    }
    if (item->then != NULL && submit(&item->then->job, &item->then->job.next, 1))
        item->then = NULL; /* the queue has it */
}

static void open_item(item_t *item)
{
    struct stat st;
    if (is_input(item)) {
        count_input(item);
        return;
    }
    if (item->path[0] == '\0') {
        item->error = ENOENT;
        return;
    }
    const int fd = item->given ? open(item->path, O_RDONLY | O_CLOEXEC)
                               : open_path(item->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (fd < 0) {
        item->error = errno;
        item->known = stat(item->path, &st) == 0;
    } else {
        item->known = fstat(fd, &st) == 0;
    }
    if (item->known) {
        item->regular = S_ISREG(st.st_mode);
        item->directory = S_ISDIR(st.st_mode);
        item->size = st.st_size;
    }
    if (fd < 0)
        return;

    if (item->directory) {
        list_directory(item, fd);
    } else if (!item->given && !item->regular) {
        item->known = false; /* it has become something else since it was found */
        close(fd);
    } else {
        item->listed = true;
        item->fd = fd;
        if (item->regular && item->size > (off_t)2 * PIECE)
            split(item);
        else
            count_file(item, fd);
    }
}

static void work(void *unused)
{
    job_t *job;
    (void)unused;
    while ((job = pop()) != NULL) {
        item_t *const item = job->item;
        if (wg_is_closed(tasks)) {
            item->left_out = true;
            if (job->piece != WHOLE)
                finish_pieces(item, 1);
        } else if (job->piece == WHOLE) {
            open_item(item);
        } else {
            count_piece(item, job->piece);
            finish_pieces(item, 1);
        }
        wg_done(tasks); /* the last touch: the results are the main thread's when all are done */
    }
}

/*
 * Printing.
 */

/* The name as the shell would take it, as far as it needs that; as GNU's tools print names in messages. */
static const char *quoted(const char *name)
{
    static char *text;
    static const char *const escapes = "abtnvfr"; /* 7..13 */
    bool plain = name[0] != '\0' && strchr("#~", name[0]) == NULL && strcmp(name, "{") != 0 && strcmp(name, "}") != 0;
    bool apostrophe = false, mild = true;

    for (const char *s = name; *s != '\0'; s++) {
        const unsigned char c = (unsigned char)*s;
        plain = plain && c > ' ' && c < 127 && strchr("!\"$&'()*:;<=>?[\\^`|", c) == NULL;
        mild = mild && c >= ' ' && c < 127 &&
               strchr(s == name ? "!\"$&()*;<=>?[\\^`|{}" : "!\"$&()*;<=>?[\\^`|{}#~", c) == NULL;
        apostrophe = apostrophe || c == '\'';
    }
    if (plain)
        return name;
    free(text);
    char *t = text = allocate(strlen(name) * 10 + 4);
    if (apostrophe && mild) {
        sprintf(text, "\"%s\"", name);
        return text;
    }
    bool escaping = false;
    *t++ = '\'';
    for (; *name != '\0'; name++) {
        const unsigned char c = (unsigned char)*name;
        if (c < ' ' || c >= 127) {
            t += sprintf(t, "%s", escaping ? "" : "'$'");
            t += c >= 7 && c <= 13 ? sprintf(t, "\\%c", escapes[c - 7]) : sprintf(t, "\\%03o", c);
            escaping = true;
        } else {
            t += sprintf(t, "%s", escaping ? "''" : "");
            t += c == '\'' ? sprintf(t, "'\\''") : sprintf(t, "%c", c);
            escaping = false;
        }
    }
    *t++ = '\'';
    *t = '\0';
    return text;
}

static int compare(const void *a, const void *b)
{
    const item_t *const x = *(item_t *const *)a, *const y = *(item_t *const *)b;
    if (x->argument != y->argument)
        return x->argument < y->argument ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* As wc has it: as wide as the sum of all sizes; 7 if there is a file whose size says nothing. */
static int column_width(item_t *const *items, size_t n)
{
    uint64_t sum = 0;
    int least = 1, width = 1;
    for (size_t i = 0; i < n; i++) {
        if (!items[i]->known || items[i]->directory)
            continue;
        if (items[i]->regular)
            sum += (uint64_t)items[i]->size;
        else
            least = 7;
    }
    for (; sum >= 10; sum /= 10)
        width++;
    return width > least ? width : least;
}

static void print_count(const count_t *count, int width, const char *name)
{
    printf("%*llu %*llu %*llu %s\n", width, (unsigned long long)count->lines, width, (unsigned long long)count->words,
           width, (unsigned long long)count->bytes, name);
}

static void print_error(const char *name, int error)
{
    if (name[0] == '\0')
        fprintf(stderr, "wgwc: invalid zero-length file name\n");
    else
        fprintf(stderr, "wgwc: %s: %s\n", quoted(name), strerror(error));
}

/*
 * Whether all that was printed has arrived; else it says so, with the reason if the
 * last call has one.  It is no error that standard output is closed, if nothing was
 * printed.
 */
static bool end_output(void)
{
    const bool failed = fflush(stdout) != 0 || ferror(stdout);
    const int error = fclose(stdout) != 0 ? errno : 0;
    if (!failed && (error == 0 || error == EBADF))
        return true;
    fprintf(stderr, "wgwc: write error%s%s\n", error != 0 ? ": " : "", error != 0 ? strerror(error) : "");
    return false;
}

/* Prints everything; returns the exit status. */
static int report(bool total_only)
{
    item_t **const items = allocate((queue.items + 1) * sizeof *items);
    size_t n = 0, files = 0, complete = 0;
    for (item_t *item = queue.all; item != NULL; item = item->all)
        if (item->listed || item->error != 0)
            items[n++] = item;
    qsort(items, n, sizeof *items, compare);

    int status = 0;
    bool input_read = false;
    count_t total = { 0 };
    const int width = column_width(items, n);
    for (size_t i = 0; i < n; i++) {
        item_t *const item = items[i];
        if (item->error != 0) {
            print_error(item->path, item->error);
            status = 1;
        }
        input_read = input_read || is_input(item);
        files += !item->directory;
        if (!item->listed || item->left_out)
            continue;
        for (long k = 0; k < item->pieces; k++)
            append(&item->count, &item->piece[k].count);
        total.lines += item->count.lines;
        total.words += item->count.words;
        total.bytes += item->count.bytes;
        complete++;
        if (!total_only)
            print_count(&item->count, width, strchr(item->path, '\n') != NULL ? quoted(item->path) : item->path);
    }
    if (files > 1 || total_only || interrupted)
        print_count(&total, width, "total");
    if (input_read && (input_closed || close(STDIN_FILENO) != 0)) {
        print_error("-", input_closed ? EBADF : errno);
        status = 1;
    }
    if (!end_output())
        status = 1;
    if (interrupted)
        fprintf(stderr, "wgwc: interrupted: %zu files are counted, the others left out\n", complete);
    free(items);
    return status;
}

static void free_all(void)
{
    for (item_t *item = queue.all, *next; item != NULL; item = next) {
        next = item->all;
        free_item(item);
    }
}

/*
 * The main thread: submits the arguments, waits, prints.
 */

static const int signals[] = { SIGINT, SIGTERM };

/* Async-signal-safe, as wg_close() is.  The handler is reset: the next signal kills. */
static void on_signal(int signal)
{
    interrupted = signal;
    wg_close(tasks);
}

/* Those that are ignored stay ignored: so a shell starts a program in the background. */
static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = on_signal, .sa_flags = (int)(SA_RESETHAND | SA_RESTART) }, old;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
}

/* From here on they kill, as the printing is nothing to wait for. */
static void release_signals(void)
{
    struct sigaction now;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        if (sigaction(signals[i], NULL, &now) == 0 && now.sa_handler == on_signal)
            signal(signals[i], SIG_DFL);
}

static void wait_for_all(void)
{
    if (!isatty(STDERR_FILENO)) {
        wg_wait(tasks);
        return;
    }
    bool shown = false;
    while (wg_wait_for(tasks, SLICE_NS) != 0) {
        fprintf(stderr, "\r\033[K%zu files, %.1f MB%s",
                (size_t)atomic_load_explicit(&files_counted, memory_order_relaxed),
                (double)atomic_load_explicit(&bytes_counted, memory_order_relaxed) / 1e6,
                interrupted ? "; finishing what is under way, Ctrl-C again to kill" : "");
        fflush(stderr);
        shown = true;
    }
    if (shown)
        fprintf(stderr, "\r\033[K");
}

static _Noreturn void usage(void)
{
    fprintf(stderr, "usage: wgwc [-at] [-j threads] [--] [path...]\n");
    exit(2);
}

int main(int argc, char **argv)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    long threads = processors > 0 ? processors : 1;
    bool total_only = false;
    char *end;
    input_closed = fcntl(STDIN_FILENO, F_GETFD) < 0;

    for (int option; (option = getopt(argc, argv, "+atj:")) != -1;)
        switch (option) {
        case 'a':
            any_bytes = true;
            break;
        case 't':
            total_only = true;
            break;
        case 'j':
            threads = strtol(optarg, &end, 10);
            if (*end != '\0' || threads < 1 || threads > 1024)
                usage();
            break;
        default:
            usage();
        }

    wg_t *const workers = wg_create();
    tasks = wg_create();
    if (workers == NULL || tasks == NULL)
        die("wg_create", errno);
    long started = 0;
    for (int error = 0; started < threads && error == 0; started += error == 0) {
        error = wg_go(workers, work, NULL);
        if (error != 0 && started == 0)
            die("wg_go", error);
    }
    catch_signals();

    static char here[] = ".", *const default_paths[] = { here, NULL };
    char *const *paths = argc > optind ? argv + optind : default_paths;
    job_t *first = NULL, **last = &first;
    item_t *input = NULL;
    uint32_t n = 0;
    for (size_t i = 0; paths[i] != NULL; i++) {
        item_t *const item = new_item("", paths[i], i);
        item->given = true;
        const bool later = input != NULL && is_input(item);
        if (later)
            input->then = item;
        if (is_input(item))
            input = item;
        if (later)
            continue;
        *last = &item->job;
        last = &item->job.next;
        n++;
    }
    if (!submit(first, last, n))
        free_jobs(first);

    wait_for_all(); /* all that the workers wrote is visible from here on */
    release_signals();
    int status = report(total_only);

    pthread_mutex_lock(&queue.mutex);
    queue.over = true;
    pthread_cond_broadcast(&queue.more);
    pthread_mutex_unlock(&queue.mutex);
    wg_wait(workers);
    wg_destroy(workers);
    wg_destroy(tasks);
    free_all();

    if (interrupted) { /* as the caller should see it */
        signal(interrupted, SIG_DFL);
        raise(interrupted);
    }
    return status;
}
