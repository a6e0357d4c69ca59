/* SPDX-License-Identifier: 0BSD */
/*
 * wgwc.c: wc for whole trees, on all cores.
 *
 *     wgwc [-opt] [-j THREADS] [-w SECONDS] [--] [PATH...]
 *
 * Counts lines, words and bytes of the files given and of all regular files below the directories given (default:
 * ".").  Prints what "LC_ALL=C wc" prints for the same files; a name is printed as it is.
 *
 * Order: the arguments as given; the files of one argument by the bytes of their paths.  So these two print the same:
 *
 *     wgwc DIR
 *     find -H DIR -type f -print0 | LC_ALL=C sort -z > list; LC_ALL=C wc --files0-from=list
 *
 * Symbolic links: one that is an argument is followed, one in a tree is skipped.  Devices, sockets and pipes in a tree
 * are skipped, too; as arguments they are read.  Standard input is /dev/stdin.
 *
 * Words: a word is a run of bytes that are not white.  The six bytes of isspace() are white and, as in GNU wc since
 * coreutils 9.5, so is the no-break space 0xA0.  With -p, as in POSIX, only the six are white.  With -o, as in GNU wc
 * before 9.5, only the six are white, and a run without a printable byte is no word.
 *
 * The wait group: a task is a directory to list, a file to count, or a part of a large file.  A task adds the tasks
 * that it finds before it is done, so the group is empty only when the whole tree is counted.  All adds are
 * wg_try_add(), since the signal handler closes the group.  From then on no task is added, and the wait is a drain.
 *
 * Ctrl-C (SIGINT) and SIGTERM: the tasks under way have a second (-w) to end.  Then the files that are complete are
 * printed, and wgwc dies of the signal: a shell sees status 130 after SIGINT.  A second signal kills at once.
 */
#define _GNU_SOURCE /* for getopt_long() and d_type; all else is POSIX.1-2008 */
#define _FILE_OFFSET_BITS 64
#include <wg/wg.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECOND INT64_C(1000000000)

enum {
    SLICE_NS = 100 * 1000 * 1000, /* how often the main thread shows the progress and looks for signals */
    PART = 4 << 20,               /* a larger file is counted in parts of this size */
    BUFFER = 128 << 10,
    PRINTING_S = 4, /* what the printing may take after a drain: the pipe or the terminal may be full */
    THREADS_MAX = 1024,
    DRAIN_MAX_S = 3600
};

typedef struct count {
    uint64_t lines, words, bytes;
} count_t;

/* A file or a directory.  One task at a time writes the members that are not atomic. */
typedef struct item {
    struct item *next; /* in the queue */
    struct item *all;  /* in the list of all items */
    size_t argument;   /* the index of the argument that it came from */
    bool given;        /* it is the argument itself */
    bool regular, directory;
    off_t size;           /* of a regular file; else 0 */
    int fd;               /* -1: not opened yet */
    off_t offset;         /* of the next part */
    atomic_long parts;    /* that are not counted yet */
    atomic_int error;     /* errno, or 0 */
    atomic_bool complete; /* set last: then the other members may be read */
    atomic_uint_fast64_t lines, words, bytes;
    char path[];
} item_t;

/* The items that wait for a worker, first in, first out; and the list of all items. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t more;
    item_t *first, **end;
    item_t *all;
    size_t items;
    bool over;
} queue = { .mutex = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER, .end = &queue.first };

static wg_t *tasks; /* counts the tasks that are not done */
static bool old_words;
static unsigned char no_break_space = 0xa0;
static long drain_s = 1;
static atomic_int interrupted; /* the signal */
static atomic_bool draining;
static atomic_size_t files_counted;
static atomic_uint_fast64_t bytes_counted;

static _Noreturn void die(const char *what, int error)
{
    fprintf(stderr, "wgwc: %s: %s\n", what, strerror(error));
    _exit(1);
}

/*
 * Counting bytes.
 */

static inline bool is_white(unsigned char c)
{
    return (c == ' ') | ((unsigned char)(c - '\t') < 5) | (c == no_break_space);
}

/* Counts 'n' bytes at 'p'; p[-1] is the byte before.  A word begins at a byte that is not white, after a white one. */
static void count_bytes(count_t *count, const unsigned char *p, size_t n)
{
    while (n > 0) {
        unsigned char lines = 0, words = 0; /* small sums of a small block: the compiler counts many bytes at once */
        const size_t block = n < UCHAR_MAX ? n : UCHAR_MAX;
        for (size_t i = 0; i < block; i++) {
            lines += p[i] == '\n';
            words += !is_white(p[i]) & is_white(p[i - 1]);
        }
        count->lines += lines;
        count->words += words;
        p += block;
        n -= block;
    }
}

/* The same for -o.  p[-1] is ' ' outside a word, else another byte.  Returns the p[-1] of the next call. */
static unsigned char count_old_words(count_t *count, const unsigned char *p, size_t n)
{
    bool in_word = p[-1] != ' ';
    for (size_t i = 0; i < n; i++) {
        const bool white = p[i] == ' ' || (unsigned char)(p[i] - '\t') < 5;
        const bool printable = p[i] > ' ' && p[i] < 127;
        count->lines += p[i] == '\n';
        count->words += printable && !in_word;
        in_word = printable || (in_word && !white);
    }
    return in_word ? 'x' : ' ';
}

/* Counts from 'offset' to 'end', or to the end of the file if end < 0.  offset < 0: reads on.  Returns 0 | errno. */
static int count_range(int fd, off_t offset, off_t end, count_t *count)
{
    static _Thread_local unsigned char buffer[1 + BUFFER]; /* p[-1], then the bytes that are read */
    unsigned char *const p = buffer + 1;
    buffer[0] = ' ';
    if (offset > 0 && pread(fd, buffer, 1, offset - 1) < 0)
        return errno;
    while (end < 0 || offset < end) {
        const size_t most = end < 0 || end - offset > BUFFER ? BUFFER : (size_t)(end - offset);
        const ssize_t n = offset < 0 ? read(fd, p, most) : pread(fd, p, most, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? errno : 0;
        if (old_words) {
            buffer[0] = count_old_words(count, p, (size_t)n);
        } else {
            count_bytes(count, p, (size_t)n);
            buffer[0] = p[n - 1];
        }
        count->bytes += (uint64_t)n;
        atomic_fetch_add_explicit(&bytes_counted, (uint64_t)n, memory_order_relaxed);
        if (offset >= 0)
            offset += n;
    }
    return 0;
}

/*
 * The queue.
 */

static item_t *new_item(const char *directory, const char *name, size_t argument)
{
    const size_t head = strlen(directory), tail = strlen(name);
    const bool slash = head > 0 && directory[head - 1] != '/';
    item_t *const item = calloc(1, sizeof *item + head + slash + tail + 1);
    if (item == NULL)
        die("memory", ENOMEM);
    memcpy(item->path, directory, head);
    if (slash)
        item->path[head] = '/';
    memcpy(item->path + head + slash, name, tail);
    item->argument = argument;
    item->fd = -1;
    item->parts = 1;
    pthread_mutex_lock(&queue.mutex);
    item->all = queue.all;
    queue.all = item;
    queue.items++;
    pthread_mutex_unlock(&queue.mutex);
    return item;
}

/* Counts the task, then queues it: in the other order it could be done before it is counted.  False: interrupted. */
static bool submit(item_t *item)
{
    if (!wg_try_add(tasks, 1))
        return false;
    pthread_mutex_lock(&queue.mutex);
    item->next = NULL;
    *queue.end = item;
    queue.end = &item->next;
    pthread_cond_signal(&queue.more);
    pthread_mutex_unlock(&queue.mutex);
    return true;
}

static item_t *pop(void)
{
    pthread_mutex_lock(&queue.mutex);
    while (queue.first == NULL && !queue.over)
        pthread_cond_wait(&queue.more, &queue.mutex);
    item_t *const item = queue.first;
    if (item != NULL)
        queue.first = item->next;
    if (queue.first == NULL)
        queue.end = &queue.first;
    pthread_mutex_unlock(&queue.mutex);
    return item;
}

/*
 * The tasks.
 */

/* Whether the entry is a file or a directory.  Some file systems do not say so in d_type. */
static bool is_wanted(DIR *dir, const struct dirent *entry)
{
    struct stat st;
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
        return false;
    if (entry->d_type != DT_UNKNOWN)
        return entry->d_type == DT_REG || entry->d_type == DT_DIR;
    return fstatat(dirfd(dir), entry->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 || S_ISREG(st.st_mode) ||
           S_ISDIR(st.st_mode);
}

/* Submits what is in the directory.  Returns 0 | errno. */
static int list_directory(const item_t *item, int fd)
{
    DIR *const dir = fdopendir(fd);
    if (dir == NULL) {
        const int error = errno;
        close(fd);
        return error;
    }
    const struct dirent *entry;
    while ((errno = 0, entry = readdir(dir)) != NULL)
        if (is_wanted(dir, entry) && !submit(new_item(item->path, entry->d_name, item->argument)))
            break;
    const int error = entry == NULL ? errno : 0;
    closedir(dir);
    return error;
}

/* Opens a file, or lists a directory.  False: there is nothing to count. */
static bool open_item(item_t *item)
{
    struct stat st;
    /* In a tree, a file may have become something else since the directory was listed. */
    const int fd = open(item->path, O_RDONLY | O_CLOEXEC | (item->given ? 0 : O_NOFOLLOW | O_NONBLOCK));
    if (fd < 0)
        item->error = errno;
    const bool known = (fd < 0 ? stat(item->path, &st) : fstat(fd, &st)) == 0;
    item->regular = known && S_ISREG(st.st_mode);
    item->directory = known && S_ISDIR(st.st_mode);
    item->size = item->regular ? st.st_size : 0;
    if (fd >= 0 && item->directory)
        item->error = list_directory(item, fd);
    else if (fd >= 0 && !item->given && !item->regular)
        close(fd);
    else
        item->fd = fd;
    return item->fd >= 0;
}

/* Counts the next part of a file.  With -o a word can depend on all bytes before it, so a file is one part then. */
static void count_part(item_t *item)
{
    count_t count = { 0 };
    const off_t offset = item->offset;
    const bool whole = !item->regular || old_words || item->size <= PART;
    const bool last = whole || item->size - offset <= PART; /* reads to the end: the file may have grown */
    if (!last) {
        atomic_fetch_add(&item->parts, 1);
        item->offset += PART;
        if (!submit(item)) /* from here on, item->offset belongs to the task of the next part */
            return;        /* interrupted: this file will not be complete */
    }
    const int error = count_range(item->fd, whole ? -1 : offset, last ? -1 : offset + PART, &count);
    if (error != 0)
        item->error = error;
    item->lines += count.lines;
    item->words += count.words;
    item->bytes += count.bytes;
}

static void work(void *unused)
{
    (void)unused;
    for (item_t *item; (item = pop()) != NULL;) {
        if (!wg_is_closed(tasks)) {
            if (item->fd >= 0 || open_item(item))
                count_part(item);
            if (atomic_fetch_sub(&item->parts, 1) == 1) {
                if (item->fd >= 0)
                    close(item->fd);
                atomic_fetch_add_explicit(&files_counted, !item->directory, memory_order_relaxed);
                item->complete = true;
            }
        }
        wg_done(tasks); /* the last touch: when all tasks are done, the main thread reads the results */
    }
}

/*
 * Printing.
 */

static int compare(const void *a, const void *b)
{
    const item_t *const x = *(item_t *const *)a, *const y = *(item_t *const *)b;
    if (x->argument != y->argument)
        return x->argument < y->argument ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* The width of wc: the digits of the sum of all sizes, and at least 7 if there is a file that is not regular. */
static int column_width(item_t *const *items, size_t n)
{
    uint64_t sum = 0;
    int least = 1, width = 1;
    for (size_t i = 0; i < n; i++) {
        if (items[i]->fd >= 0 && !items[i]->regular)
            least = 7;
        sum += (uint64_t)items[i]->size;
    }
    for (; sum >= 10; sum /= 10)
        width++;
    return width > least ? width : least;
}

/* Prints one line.  Returns 0 | errno. */
static int print_count(const count_t *count, int width, const char *name)
{
    return printf("%*llu %*llu %*llu %s\n", width, (unsigned long long)count->lines, width,
                  (unsigned long long)count->words, width, (unsigned long long)count->bytes, name) < 0
               ? errno
               : 0;
}

/* Prints the items that are complete; returns the exit status. */
static int report(bool total_only)
{
    pthread_mutex_lock(&queue.mutex); /* after a drain that gave up, a worker may still add items */
    item_t **const items = calloc(queue.items + 1, sizeof *items);
    if (items == NULL)
        die("memory", ENOMEM);
    size_t n = 0, files = 0, counted = 0;
    for (item_t *item = queue.all; item != NULL; item = item->all)
        if (item->complete)
            items[n++] = item;
    pthread_mutex_unlock(&queue.mutex);
    qsort(items, n, sizeof *items, compare);

    int status = 0, lost = 0;
    count_t total = { 0 };
    const int width = column_width(items, n);
    for (size_t i = 0; i < n; i++) {
        const item_t *const item = items[i];
        if (item->error != 0) {
            fprintf(stderr, "wgwc: %s: %s\n", item->path, strerror(item->error));
            status = 1;
        }
        files += !item->directory;
        if (item->fd < 0)
            continue;
        const count_t count = { item->lines, item->words, item->bytes };
        total.lines += count.lines;
        total.words += count.words;
        total.bytes += count.bytes;
        counted++;
        if (!total_only && lost == 0)
            lost = print_count(&count, width, item->path);
    }
    free(items);
    if (lost == 0 && (files > 1 || total_only || interrupted))
        lost = print_count(&total, width, "total");
    if (lost == 0 && (fflush(stdout) != 0 || (fclose(stdout) != 0 && errno != EBADF)))
        lost = errno; /* EBADF after a good flush: standard output was closed, but nothing was to be printed */
    if (lost != 0) {
        fprintf(stderr, "wgwc: write error: %s\n", strerror(lost));
        status = 1;
    }
    if (interrupted)
        fprintf(stderr, "wgwc: interrupted: %zu files are counted, the others left out\n", counted);
    return status;
}

/*
 * Signals.
 */

static void die_of(int number)
{
    signal(number, SIG_DFL);
    raise(number); /* inside the handler of this signal, it takes effect when the handler returns */
}

/*
 * The first signal closes the group.  Another one kills, and so does SIGALRM if drain and printing take too long.  But
 * timeout(1) sends its signal twice, to the program and to its group: so until the drain begins, another signal is
 * ignored.  Async-signal-safe.
 */
static void on_signal(int number)
{
    int first = 0;
    if (atomic_compare_exchange_strong(&interrupted, &first, number)) {
        wg_close(tasks);
        alarm((unsigned)(drain_s + PRINTING_S));
    } else if (draining || number == SIGALRM) {
        die_of(first);
    }
}

/*
 * A signal that is ignored stays ignored: a shell starts programs in the background like that.  SIGALRM has no
 * SA_RESTART, so it ends a call that blocks: ThreadSanitizer runs a handler only when the call has returned.
 */
static void set_handler(int number, void (*handler)(int))
{
    struct sigaction action = { .sa_handler = handler, .sa_flags = number == SIGALRM ? 0 : SA_RESTART }, old;
    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL);
}

/*
 * The main thread: submits the arguments, waits, prints.
 */

static void wait_for_all(void)
{
    const bool shows = isatty(STDERR_FILENO);
    bool shown = false;
    while (!interrupted && wg_wait_for(tasks, SLICE_NS) != 0)
        if (shows) {
            fprintf(stderr, "\r\033[K%zu files, %.1f MB", (size_t)files_counted, (double)bytes_counted / 1e6);
            shown = true;
        }
    draining = interrupted != 0;
    if (draining && shows) {
        fprintf(stderr, "\r\033[Kfinishing what is under way, Ctrl-C again to kill");
        shown = true;
    }
    /* The drain: no task is added any more.  It has a limit: a task may read from a pipe that nobody writes to. */
    if (draining && wg_wait_for(tasks, drain_s * SECOND) != 0)
        fprintf(stderr, "%swgwc: gave up after %ld s, tasks that are not done: %u\n", shown ? "\r\033[K" : "", drain_s,
                (unsigned)wg_count(tasks));
    else if (shown)
        fprintf(stderr, "\r\033[K");
}

static _Noreturn void usage(int status)
{
    if (status != 0) {
        fprintf(stderr, "Try 'wgwc --help' for more information.\n");
        exit(status);
    }
    printf("Usage: wgwc [OPTION]... [PATH]...\n"
           "Counts lines, words and bytes of files, and of all files below directories (default: .), on all cores.\n\n"
           "  -j THREADS  count on THREADS threads, 1 to %d (default: one for each processor)\n"
           "  -o          count words as wc did before coreutils 9.5\n"
           "  -p          count words as POSIX does: the no-break space 0xA0 does not end a word\n"
           "  -t          print the total only\n"
           "  -w SECONDS  after Ctrl-C, wait at most SECONDS for what is under way, 0 to %d (default: 1)\n"
           "  --help      print this\n",
           THREADS_MAX, DRAIN_MAX_S);
    exit(0);
}

static long number(const char *text, const char *what, long least, long most)
{
    char *end;
    const long value = strtol(text, &end, 10); /* out of range: the nearest long */
    if (end == text || *end != '\0')
        fprintf(stderr, "wgwc: invalid number of %s: '%s'\n", what, text);
    else if (value < least || value > most)
        fprintf(stderr, "wgwc: invalid number of %s: '%s' is not in %ld to %ld\n", what, text, least, most);
    else
        return value;
    usage(2);
}

int main(int argc, char **argv)
{
    static const struct option long_options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
    static char program[] = "wgwc", here[] = ".", *default_paths[] = { here, NULL };
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    long threads = processors < 1 ? 1 : processors > THREADS_MAX ? THREADS_MAX : processors;
    bool total_only = false;

    if (argc > 0)
        argv[0] = program; /* in the messages of getopt_long() */
    for (int option; (option = getopt_long(argc, argv, "+j:optw:", long_options, NULL)) != -1;)
        switch (option) {
        case 'h':
            usage(0);
        case 'j':
            threads = number(optarg, "threads", 1, THREADS_MAX);
            break;
        case 'o':
            old_words = true;
            break;
        case 'p':
            no_break_space = ' ';
            break;
        case 't':
            total_only = true;
            break;
        case 'w':
            drain_s = number(optarg, "seconds", 0, DRAIN_MAX_S);
            break;
        default:
            usage(2);
        }

    wg_t *const workers = wg_create();
    tasks = wg_create();
    if (workers == NULL || tasks == NULL)
        die("wg_create", errno);
    set_handler(SIGINT, on_signal);
    set_handler(SIGTERM, on_signal);
    set_handler(SIGALRM, on_signal);

    char **const paths = argc > optind ? argv + optind : default_paths;
    for (size_t i = 0; paths[i] != NULL; i++) {
        item_t *const item = new_item("", paths[i], i);
        item->given = true;
        if (!submit(item))
            break;
    }
    for (long started = 0; started < threads; started++) {
        const int error = wg_go(workers, work, NULL);
        if (error != 0 && started == 0)
            die("wg_go", error);
        if (error != 0)
            break; /* the threads that run are enough */
    }
    wait_for_all(); /* from here on the results are visible: all or, after a signal, those of the complete items */
    if (!interrupted) {
        set_handler(SIGINT, SIG_DFL); /* no task is left to wait for: a signal kills at once */
        set_handler(SIGTERM, SIG_DFL);
    }
    const int status = report(total_only);
    if (interrupted)
        die_of(interrupted);

    pthread_mutex_lock(&queue.mutex);
    queue.over = true;
    pthread_cond_broadcast(&queue.more);
    pthread_mutex_unlock(&queue.mutex);
    wg_wait(workers);
    wg_destroy(workers);
    wg_destroy(tasks);
    for (item_t *item = queue.all, *next; item != NULL; item = next) {
        next = item->all;
        free(item);
    }
    return status;
}
