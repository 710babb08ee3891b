# SPDX-License-Identifier: Apache-2.0
"""What neither the core nor the simulator may do: ask a clock, roll dice, allocate, print, read the environment; worlds
may allocate and print, and no more."""
import re

import rules

CALLS = {
    "a clock": "clock clock_gettime clock_nanosleep gettimeofday time timespec_get nanosleep usleep sleep times localtime gmtime",
    "chance": "rand random srand srandom rand_r drand48 lrand48 getrandom getentropy arc4random",
    "the heap": "malloc calloc realloc reallocarray free alloca __builtin_alloca strdup strndup aligned_alloc posix_memalign "
                "mmap sbrk",
    "output": "printf fprintf dprintf sprintf snprintf vprintf vfprintf vsnprintf puts fputs putchar putc perror fwrite",
    "the environment": "getenv secure_getenv setenv putenv system popen fork execve",
    "the process": "abort exit _exit atexit assert signal raise setlocale",
    "the kernel": "ioctl socket recvmsg sendmsg ppoll epoll_wait pthread_create pthread_mutex_lock syscall",
}
BANNED = {name: why for why, names in CALLS.items() for name in names.split()}
OF_WORLDS = ("the heap", "output", "the process")
WORDS = {"errno": "the environment", "environ": "the environment", "stderr": "output", "stdout": "output",
         "__DATE__": "a clock", "__TIME__": "a clock", "_Thread_local": "a writable global", "thread_local": "a writable global"}


def check_file(path, text):
    code = rules.code_of(text)
    free = OF_WORLDS if path.startswith("world/") else ()
    for match in re.finditer(r"(?<![\w.>])([A-Za-z_]\w*)[ \t]*\(", code):
        if match.group(1) in BANNED and BANNED[match.group(1)] not in free:
            yield f"{path}:{rules.line_of(code, match.start())}: {match.group(1)}(): {BANNED[match.group(1)]}"
    for match in re.finditer(r"\b[A-Za-z_]\w*\b", code):
        if match.group(0) in WORDS and WORDS[match.group(0)] not in free:
            yield f"{path}:{rules.line_of(code, match.start())}: {match.group(0)}: {WORDS[match.group(0)]}"
        elif match.group(0) in ("uintptr_t", "intptr_t") and not path.startswith("src/base/arena."):
            yield f"{path}:{rules.line_of(code, match.start())}: an address as a number: no run would repeat another"
    for match in re.finditer(r'"[^"\n]*%p', rules.code_of(text, strings=True)):
        yield f"{path}:{rules.line_of(text, match.start())}: %p prints an address"


def check(house):
    for path in house.files("src", "sim", "world"):
        yield from check_file(path, house.text(path))


SAMPLES = (
    ("in order", {"src/a.c": "int f(struct g *g) { return g->read(g) + timer(3) + free_slots(g); } /* malloc() */\n"}, None),
    ("the words in a text", {"src/a.c": 'const char *text = "time(s) out of free() memory";\n'}, None),
    ("a clock", {"src/bus/a.c": "\n\nint x = clock_gettime(0, 0);\n"}, "src/bus/a.c:3: clock_gettime(): a clock"),
    ("chance", {"sim/a.c": "int f(void) { return rand(); }\n"}, "rand(): chance"),
    ("the heap", {"sim/a.c": "void *p = malloc (3);\n"}, "malloc(): the heap"),
    ("output", {"src/a.c": 'void f(void) { printf("x"); }\n'}, "printf(): output"),
    ("the environment", {"src/a.c": 'const char *p = getenv("X");\n'}, "getenv(): the environment"),
    ("errno", {"src/a.c": "int f(void) { return errno; }\n"}, "errno: the environment"),
    ("an address as a number", {"src/a.c": "unsigned h(void *p) { return (unsigned)(uintptr_t)p; }\n"}, "address as a number"),
    ("the arena may align", {"src/base/arena.c": "unsigned h(void *p) { return (unsigned)(uintptr_t)p; }\n"}, None),
    ("%p", {"src/a.c": 'const char *format = "at %p";\n'}, "%p prints an address"),
    ("a clock in a world", {"world/a.c": "int x = clock_gettime(0, 0);\n"}, "clock_gettime(): a clock"),
    ("a world may allocate", {"world/a.c": "void *f(void) { return calloc(1, 3); }\n"}, None),
    ("the port is free", {"port/a.c": "int x = clock_gettime(0, 0);\n"}, None),
)

if __name__ == "__main__":
    rules.main(check, SAMPLES)
