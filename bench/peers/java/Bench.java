// SPDX-License-Identifier: 0BSD

// Java's CountDownLatch and Phaser in the scenarios of ../../scenarios.c that they can do.
// Run as: java Bench latch|phaser STEPS_PER_US NAME...

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Phaser;
import java.util.concurrent.Semaphore;
import java.util.function.IntConsumer;

public class Bench {
    static final long BATCH_NS = 3_000_000, ROUNDS_NS = 80_000_000, WARM_NS = 150_000_000;
    static final int BATCHES = 9, MINIMUM = 30, PARTIES_MAX = 65_000;

    interface Group {
        default void add() {
            throw new UnsupportedOperationException();
        }
        void done();
        void await() throws InterruptedException;
    }

    static class Latch implements Group {
        final CountDownLatch latch;
        Latch(int n) {
            latch = new CountDownLatch(n);
        }
        public void done() {
            latch.countDown();
        }
        public void await() throws InterruptedException {
            latch.await();
        }
    }

    /** The waiter is a party of its own, so that the phase ends when it and all tasks have arrived. */
    static class Phases implements Group {
        final Phaser phaser;
        Phases(int n) {
            phaser = new Phaser(n + 1);
        }
        public void add() {
            phaser.register();
        }
        public void done() {
            phaser.arriveAndDeregister();
        }
        public void await() {
            phaser.arriveAndAwaitAdvance();
        }
    }

    static boolean isPhaser;
    static int stepsPerUs;

    static Group make(int n) {
        return isPhaser ? new Phases(n) : new Latch(n);
    }

    static void must(boolean ok, String what) {
        if (!ok)
            throw new IllegalStateException(what);
    }

    static void figure(String scenario, String metric, double value) {
        System.out.printf("{\"scenario\": \"%s\", \"metric\": \"%s\", \"value\": %.6g}%n", scenario, metric, value);
    }

    static double at(double[] sample, int n, double share) {
        Arrays.sort(sample, 0, n);
        return sample[Math.min((int) (share * n), n - 1)];
    }

    static double cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
            .getProcessCpuTime();
    }

    static long work(long seed, int steps) {
        for (int i = 0; i < steps; i++)
            seed = seed * 6364136223846793005L + 1442695040888963407L;
        return seed;
    }

    interface Loop {
        void run(Group group, int n) throws InterruptedException;
    }

    static void repeat(String scenario, boolean full, int limit, Loop loop) throws InterruptedException {
        final long warm = System.nanoTime() + WARM_NS;
        final double[] sample = new double[BATCHES];
        int n = 1000;
        for (int batch = 0; batch < BATCHES;) {
            final Group group = make(full ? n : 0);
            final long begun = System.nanoTime();
            loop.run(group, n);
            final long ended = System.nanoTime();
            group.await();
            if (ended < warm || (ended - begun < BATCH_NS && n < limit)) {
                if (ended - begun < BATCH_NS)
                    n = Math.min(2 * n, limit);
                continue;
            }
            sample[batch++] = (double) (ended - begun) / n;
        }
        figure(scenario, "ns", at(sample, BATCHES, 0.5));
    }

    static void pairs(Group group, int n) {
        for (int i = 0; i < n; i++) {
            group.add();
            group.done();
        }
    }

    static void shared(String scenario, int threads) throws InterruptedException {
        final long warm = System.nanoTime() + WARM_NS;
        final double[] sample = new double[BATCHES];
        int n = 500;
        for (int batch = 0; batch < BATCHES;) {
            final Group group = make(0);
            final int times = n;
            final long[] begun = new long[threads], ended = new long[threads];
            final CountDownLatch start = new CountDownLatch(threads);
            final Thread[] all = new Thread[threads];
            for (int i = 0; i < threads; i++) {
                final int index = i;
                all[i] = new Thread(() -> {
                    start.countDown();
                    try {
                        start.await();
                    } catch (InterruptedException e) {
                        return;
                    }
                    begun[index] = System.nanoTime();
                    pairs(group, times);
                    ended[index] = System.nanoTime();
                });
                all[i].start();
            }
            for (final Thread thread : all)
                thread.join();
            group.await();
            final long took = Arrays.stream(ended).max().getAsLong() - Arrays.stream(begun).min().getAsLong();
            if (System.nanoTime() < warm || took < 2 * BATCH_NS) {
                if (took < 2 * BATCH_NS)
                    n *= 2;
                continue;
            }
            sample[batch++] = (double) took / ((double) n * threads);
        }
        figure(scenario, "ns", at(sample, BATCHES, 0.5));
    }

    /** As the crew of harness.h: threads that poll for a round if each has a core, else sleep. */
    static class Crew {
        volatile int round;
        volatile boolean stop;
        volatile Group group;
        final boolean polls;
        final Semaphore[] gates;
        final Thread[] threads;
        final Semaphore back = new Semaphore(0);
        final long[][] slots; // round and result, a line each

        Crew(int n, int steps) {
            polls = n < Runtime.getRuntime().availableProcessors();
            gates = new Semaphore[n];
            threads = new Thread[n];
            slots = new long[n][16];
            for (int i = 0; i < n; i++) {
                final int index = i;
                gates[i] = new Semaphore(0);
                threads[i] = new Thread(() -> run(index, steps));
                threads[i].start();
            }
        }

        void run(int index, int steps) {
            for (int seen = 0;; seen++) {
                if (polls)
                    while (round == seen)
                        Thread.onSpinWait();
                else
                    gates[index].acquireUninterruptibly();
                if (stop)
                    return;
                slots[index][1] = work(seen, steps);
                slots[index][0] = seen + 1;
                group.done();
                back.release();
            }
        }

        void open() {
            round = round + 1;
            if (!polls)
                for (final Semaphore gate : gates)
                    gate.release();
        }

        long runRound() throws InterruptedException {
            final long from = System.nanoTime();
            final Group mine = make(threads.length);
            group = mine;
            open();
            mine.await();
            final long took = System.nanoTime() - from;
            for (final long[] slot : slots)
                must(slot[0] == round, "a wait came back before a task was done");
            back.acquireUninterruptibly(threads.length);
            return took;
        }

        void end() throws InterruptedException {
            stop = true;
            open();
            for (final Thread thread : threads)
                thread.join();
        }
    }

    static void forkJoin(String scenario, int us, int workers) throws InterruptedException {
        final Crew crew = new Crew(workers, us * stepsPerUs);
        final double[] sample = new double[1 << 20];
        for (final long warm = System.nanoTime() + WARM_NS; System.nanoTime() < warm;)
            crew.runRound();
        final double cpu = cpuNs();
        final long begun = System.nanoTime();
        int n = 0;
        while (n < MINIMUM || (n < sample.length && System.nanoTime() - begun < ROUNDS_NS))
            sample[n++] = crew.runRound();
        final double took = System.nanoTime() - begun, used = cpuNs() - cpu;
        crew.end();
        figure(scenario, "p50_ns", at(sample, n, 0.5));
        figure(scenario, "p99_ns", at(sample, n, 0.99));
        figure(scenario, "mean_ns", took / n);
        figure(scenario, "cpu_ns", used / n);
    }

    static void memory() {
        final Runtime runtime = Runtime.getRuntime();
        final Object[] groups = new Object[1_000_000];
        System.gc();
        final long before = runtime.totalMemory() - runtime.freeMemory();
        for (int i = 0; i < groups.length; i++)
            groups[i] = isPhaser ? new Phaser() : new CountDownLatch(0);
        System.gc();
        figure("memory", "heap_bytes", (double) (runtime.totalMemory() - runtime.freeMemory() - before) / groups.length);
        must(groups[groups.length - 1] != null, "kept");
    }

    static void check() throws InterruptedException {
        for (final int workers : new int[] { 1, 3, 8 }) {
            final Crew crew = new Crew(workers, 20);
            for (int i = 0; i < 200; i++)
                crew.runRound();
            crew.end();
        }
        figure("check", "passed", 1);
    }

    public static void main(String[] args) throws InterruptedException {
        isPhaser = args[0].equals("phaser");
        stepsPerUs = Integer.parseInt(args[1]);
        final Loop dones = (group, n) -> {
            for (int i = 0; i < n; i++)
                group.done();
        };
        for (final String name : Arrays.asList(args).subList(2, args.length)) {
            if (name.equals("check"))
                check();
            else if (name.equals("dones"))
                repeat(name, true, isPhaser ? PARTIES_MAX : Integer.MAX_VALUE / 4, dones);
            else if (name.equals("pair") && isPhaser)
                repeat(name, false, Integer.MAX_VALUE / 4, Bench::pairs);
            else if (name.equals("wait_zero") && !isPhaser)
                repeat(name, false, Integer.MAX_VALUE / 4, (group, n) -> {
                    for (int i = 0; i < n; i++)
                        group.await();
                });
            else if (name.startsWith("shared_") && isPhaser)
                shared(name, Integer.parseInt(name.substring(7)));
            else if (name.equals("memory"))
                memory();
            else if (name.startsWith("fork_join_")) {
                final String[] parts = name.split("_");
                forkJoin(name, Integer.parseInt(parts[2].replace("us", "")), Integer.parseInt(parts[3]));
            }
        }
    }
}
