// SPDX-License-Identifier: 0BSD

// crossbeam's WaitGroup in the scenarios of ../../../scenarios.c that it can do.  An add is a
// clone, a done is a drop, and a wait consumes the handle, so each round makes a group.

use crossbeam_utils::sync::WaitGroup;
use std::cell::UnsafeCell;
use std::hint::{black_box, spin_loop};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

const BATCH_NS: f64 = 3e6;
const BATCHES: i32 = 9;
const ROUNDS: Duration = Duration::from_millis(80);
const MINIMUM: usize = 30;

fn figure(scenario: &str, metric: &str, value: f64) {
    println!("{{\"scenario\": \"{}\", \"metric\": \"{}\", \"value\": {}}}", scenario, metric, value);
}

fn at(sample: &mut Vec<f64>, share: f64) -> f64 {
    sample.sort_by(|a, b| a.partial_cmp(b).unwrap());
    sample[((share * sample.len() as f64) as usize).min(sample.len() - 1)]
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, |n| n.get())
}

#[repr(C)]
struct Timespec {
    seconds: i64,
    nanoseconds: i64,
}

extern "C" {
    fn clock_gettime(clock: i32, time: *mut Timespec) -> i32;
}

fn cpu_ns() -> f64 {
    let mut time = Timespec { seconds: 0, nanoseconds: 0 };
    unsafe { clock_gettime(2, &mut time) }; // CLOCK_PROCESS_CPUTIME_ID
    time.seconds as f64 * 1e9 + time.nanoseconds as f64
}

fn work(mut seed: u64, steps: u64) -> u64 {
    for _ in 0..steps {
        seed = black_box(seed.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407));
    }
    seed
}

fn repeat<T>(scenario: &str, prepare: impl Fn(usize) -> T, run: impl Fn(&mut T, usize)) {
    let mut sample = Vec::new();
    let mut n = 1000;
    let mut batch = -1;
    while batch < BATCHES {
        let mut state = prepare(n);
        let begun = Instant::now();
        run(&mut state, n);
        let took = begun.elapsed().as_nanos() as f64;
        if batch < 0 && took < BATCH_NS {
            n *= 2;
            continue;
        }
        batch += 1;
        sample.push(took / n as f64);
    }
    figure(scenario, "ns", at(&mut sample, 0.5));
}

fn pairs(group: &WaitGroup, n: usize) {
    for _ in 0..n {
        drop(black_box(group.clone()));
    }
}

fn repeat_threads(scenario: &str, threads: usize, groups: Vec<WaitGroup>) {
    let mut sample = Vec::new();
    let mut n = 500;
    let mut batch = -1;
    while batch < BATCHES {
        let start = Arc::new(Barrier::new(threads));
        let all: Vec<_> = (0..threads)
            .map(|i| {
                let group = groups[i % groups.len()].clone();
                let start = start.clone();
                thread::spawn(move || {
                    start.wait();
                    let begun = Instant::now();
                    pairs(&group, n);
                    (begun, Instant::now())
                })
            })
            .collect();
        let stamps: Vec<_> = all.into_iter().map(|thread| thread.join().unwrap()).collect();
        let first = stamps.iter().map(|stamp| stamp.0).min().unwrap();
        let last = stamps.iter().map(|stamp| stamp.1).max().unwrap();
        let took = (last - first).as_nanos() as f64;
        if batch < 0 && took < 2.0 * BATCH_NS {
            n *= 2;
            continue;
        }
        batch += 1;
        if batch > 0 {
            sample.push(took / (n * threads) as f64);
        }
    }
    figure(scenario, "ns", at(&mut sample, 0.5));
}

#[repr(align(64))]
struct Seat {
    group: UnsafeCell<Option<WaitGroup>>, // put there before the round opens, taken during the round
    round: UnsafeCell<u64>,
    result: UnsafeCell<u64>,
}

// Like the crew of harness.h: threads that poll for a round if each has a core, else sleep.
struct Crew {
    seats: Vec<Seat>,
    polls: bool,
    round: AtomicUsize,
    stop: AtomicBool,
    lock: Mutex<()>,
    opened: Condvar,
    back: AtomicUsize,
    gathered: Condvar,
    steps: u64,
}

unsafe impl Sync for Crew {}

impl Crew {
    fn run(&self, index: usize) {
        for seen in 0.. {
            if self.polls {
                while self.round.load(Ordering::Acquire) == seen {
                    spin_loop();
                }
            } else {
                let mut guard = self.lock.lock().unwrap();
                while self.round.load(Ordering::Acquire) == seen {
                    guard = self.opened.wait(guard).unwrap();
                }
            }
            if self.stop.load(Ordering::Acquire) {
                return;
            }
            let seat = &self.seats[index];
            unsafe {
                *seat.result.get() = work(seen as u64, self.steps);
                *seat.round.get() = seen as u64 + 1;
                drop((*seat.group.get()).take());
            }
            if self.back.fetch_add(1, Ordering::AcqRel) + 1 == (seen + 1) * self.seats.len() && !self.polls {
                let _guard = self.lock.lock().unwrap();
                self.gathered.notify_one();
            }
        }
    }

    fn open(&self) {
        if self.polls {
            self.round.fetch_add(1, Ordering::SeqCst);
            return;
        }
        let _guard = self.lock.lock().unwrap();
        self.round.fetch_add(1, Ordering::SeqCst);
        self.opened.notify_all();
    }

    fn gather(&self) {
        let all = self.round.load(Ordering::Relaxed) * self.seats.len();
        if self.polls {
            while self.back.load(Ordering::Acquire) != all {
                spin_loop();
            }
            return;
        }
        let mut guard = self.lock.lock().unwrap();
        while self.back.load(Ordering::Acquire) != all {
            guard = self.gathered.wait(guard).unwrap();
        }
    }

    fn round_of(&self, number: u64) -> f64 {
        let from = Instant::now();
        let group = WaitGroup::new();
        for seat in &self.seats {
            unsafe { *seat.group.get() = Some(group.clone()) };
        }
        self.open();
        group.wait();
        let took = from.elapsed().as_nanos() as f64;
        for seat in &self.seats {
            assert_eq!(unsafe { *seat.round.get() }, number, "a wait came back before a task was done");
        }
        self.gather();
        took
    }
}

fn with_crew(workers: usize, steps: u64, body: impl FnOnce(&Crew)) {
    let seats = (0..workers)
        .map(|_| Seat { group: UnsafeCell::new(None), round: UnsafeCell::new(0), result: UnsafeCell::new(0) })
        .collect();
    let crew = Arc::new(Crew {
        seats,
        polls: workers < cores(),
        round: AtomicUsize::new(0),
        stop: AtomicBool::new(false),
        lock: Mutex::new(()),
        opened: Condvar::new(),
        back: AtomicUsize::new(0),
        gathered: Condvar::new(),
        steps,
    });
    let threads: Vec<_> = (0..workers)
        .map(|i| {
            let crew = crew.clone();
            thread::spawn(move || crew.run(i))
        })
        .collect();
    body(&crew);
    crew.stop.store(true, Ordering::Release);
    crew.open();
    for thread in threads {
        thread.join().unwrap();
    }
}

fn fork_join(scenario: &str, us: u64, workers: usize, steps_per_us: u64) {
    with_crew(workers, us * steps_per_us, |crew| {
        let mut sample = Vec::new();
        let mut round = 0;
        let warm = Instant::now();
        while warm.elapsed() < ROUNDS / 8 {
            round += 1;
            crew.round_of(round);
        }
        let cpu = cpu_ns();
        let begun = Instant::now();
        while sample.len() < MINIMUM || begun.elapsed() < ROUNDS {
            round += 1;
            sample.push(crew.round_of(round));
        }
        let n = sample.len() as f64;
        let took = begun.elapsed().as_nanos() as f64;
        let cpu = cpu_ns() - cpu;
        figure(scenario, "p50_ns", at(&mut sample, 0.5));
        figure(scenario, "p99_ns", at(&mut sample, 0.99));
        figure(scenario, "mean_ns", took / n);
        figure(scenario, "cpu_ns", cpu / n);
    });
}

fn resident_bytes() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0
}

fn memory() {
    const GROUPS: usize = 1000000;
    let mut groups: Vec<Option<WaitGroup>> = Vec::new();
    groups.resize_with(GROUPS, || None);
    let before = resident_bytes();
    for group in groups.iter_mut() {
        *group = Some(WaitGroup::new());
    }
    figure("memory", "heap_bytes", (resident_bytes() - before) / GROUPS as f64);
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let steps_per_us: u64 = args[1].parse().unwrap();
    for name in &args[2..] {
        match name.as_str() {
            "check" => {
                for workers in [1, 3, 8].iter() {
                    with_crew(*workers, 20, |crew| {
                        for round in 1..=200 {
                            crew.round_of(round);
                        }
                    });
                }
                figure("check", "passed", 1.0);
            }
            "pair" => repeat(name, |_| WaitGroup::new(), |group, n| pairs(group, n)),
            "dones" => repeat(
                name,
                |n| {
                    let group = WaitGroup::new();
                    let clones = vec![group.clone(); n];
                    (group, clones)
                },
                |state, _| state.1.clear(),
            ),
            "shared_1" => repeat_threads(name, 1, vec![WaitGroup::new()]),
            "shared_2" => repeat_threads(name, 2, vec![WaitGroup::new()]),
            "shared_8" => repeat_threads(name, 8, vec![WaitGroup::new()]),
            "beside" => repeat_threads(name, 2, vec![WaitGroup::new(), WaitGroup::new()]),
            "memory" => memory(),
            _ => {
                let parts: Vec<&str> = name.split('_').collect();
                if parts.len() == 4 && name.starts_with("fork_join_") {
                    let us = parts[2].trim_end_matches("us").parse().unwrap();
                    fork_join(name, us, parts[3].parse().unwrap(), steps_per_us);
                }
            }
        }
    }
}
