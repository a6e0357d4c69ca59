// SPDX-License-Identifier: 0BSD

// Go's own sync.WaitGroup in the scenarios of ../../scenarios.c that it can do, and its goroutines in those of
// ../../spawn.c.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	batchNs  = 3000000
	batches  = 9
	roundsNs = 80000000
	minimum  = 30
)

var stepsPerUs int

func must(ok bool, what string) {
	if !ok {
		fmt.Fprintln(os.Stderr, "go: "+what)
		os.Exit(1)
	}
}

func figure(scenario, metric string, value float64) {
	fmt.Printf("{\"scenario\": %q, \"metric\": %q, \"value\": %.6g}\n", scenario, metric, value)
}

func at(sample []float64, share float64) float64 {
	sort.Float64s(sample)
	i := int(share * float64(len(sample)))
	if i >= len(sample) {
		i = len(sample) - 1
	}
	return sample[i]
}

func cpuNs() float64 {
	var use syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &use)
	return float64(use.Utime.Nano() + use.Stime.Nano())
}

func work(seed uint64, steps int) uint64 {
	for i := 0; i < steps; i++ {
		seed = seed*6364136223846793005 + 1442695040888963407
	}
	return seed
}

func repeat(scenario string, prepare func(n int) *sync.WaitGroup, run func(wg *sync.WaitGroup, n int)) {
	var sample []float64
	n := 1000
	for batch := -1; batch < batches; {
		wg := prepare(n)
		begun := time.Now()
		run(wg, n)
		took := float64(time.Since(begun))
		wg.Wait()
		if batch < 0 && took < batchNs {
			n *= 2
			continue
		}
		batch++
		sample = append(sample, took/float64(n))
	}
	figure(scenario, "ns", at(sample, 0.5))
}

func empty(int) *sync.WaitGroup { return new(sync.WaitGroup) }

func pairs(wg *sync.WaitGroup, n int) {
	for i := 0; i < n; i++ {
		wg.Add(1)
		wg.Done()
	}
}

func dones(wg *sync.WaitGroup, n int) {
	for i := 0; i < n; i++ {
		wg.Done()
	}
}

func waits(wg *sync.WaitGroup, n int) {
	for i := 0; i < n; i++ {
		wg.Wait()
	}
}

func repeatThreads(scenario string, threads int, fn func(index, n int)) {
	var sample []float64
	n := 500
	for batch := -1; batch < batches; {
		begun := make([]time.Time, threads)
		ended := make([]time.Time, threads)
		var back sync.WaitGroup
		var ready int32
		back.Add(threads)
		for i := 0; i < threads; i++ {
			go func(i int) {
				atomic.AddInt32(&ready, 1)
				for threads <= runtime.GOMAXPROCS(0) && atomic.LoadInt32(&ready) < int32(threads) {
				}
				begun[i] = time.Now()
				fn(i, n)
				ended[i] = time.Now()
				back.Done()
			}(i)
		}
		back.Wait()
		first, last := begun[0], ended[0]
		for i := range begun {
			if begun[i].Before(first) {
				first = begun[i]
			}
			if ended[i].After(last) {
				last = ended[i]
			}
		}
		took := float64(last.Sub(first))
		if batch < 0 && took < 2*batchNs {
			n *= 2
			continue
		}
		batch++
		if batch > 0 {
			sample = append(sample, took/float64(n*threads))
		}
	}
	figure(scenario, "ns", at(sample, 0.5))
}

// As many threads as cores; each counts tasks of 'us' microseconds in and off.
func cores(scenario string, threads, us int) {
	var wg sync.WaitGroup
	steps := us * stepsPerUs
	repeatThreads(scenario, threads, func(index, n int) {
		result := uint64(index)
		for i := 0; i < n; i++ {
			wg.Add(1)
			result = work(result, steps)
			wg.Done()
		}
		sink[index%len(sink)][1] = int(result)
	})
	wg.Wait()
}

func shared(scenario string, threads int) {
	var wg sync.WaitGroup
	repeatThreads(scenario, threads, func(_, n int) { pairs(&wg, n) })
	wg.Wait()
}

// Goroutines that sleep on a channel until a round opens.  Unlike the crew of harness.h they never
// poll: a goroutine that polls holds a scheduler that others need.
type crew struct {
	gates []chan bool
	back  sync.WaitGroup
}

func newCrew(n int, fn func(index int)) *crew {
	c := &crew{}
	for i := 0; i < n; i++ {
		gate := make(chan bool, 1)
		c.gates = append(c.gates, gate)
		go func(index int) {
			for <-gate {
				fn(index)
				c.back.Done()
			}
		}(i)
	}
	return c
}

func (c *crew) open() {
	c.back.Add(len(c.gates))
	for _, gate := range c.gates {
		gate <- true
	}
}

func (c *crew) end() {
	for _, gate := range c.gates {
		gate <- false
	}
}

type slot struct {
	round, result uint64
	_             [6]uint64
}

func forkJoin(scenario string, us, workers int) {
	var wg sync.WaitGroup
	var round uint64
	slots := make([]slot, workers)
	steps := us * stepsPerUs
	c := newCrew(workers, func(index int) {
		slots[index].result = work(round, steps)
		slots[index].round = round
		wg.Done()
	})
	rounds(scenario, c, func() {
		round++
		wg.Add(workers)
		c.open()
		wg.Wait()
	}, func() {
		for i := range slots {
			must(slots[i].round == round, "a wait came back before a task was done")
		}
	})
}

func rounds(scenario string, c *crew, run, check func()) {
	var sample []float64
	var begun time.Time
	var cpu float64
	n := 0
	for warm := time.Now().Add(roundsNs / 8); ; n++ {
		from := time.Now()
		if begun.IsZero() && from.After(warm) {
			begun, n, sample, cpu = from, 0, sample[:0], cpuNs()
		}
		if !begun.IsZero() && n >= minimum && from.Sub(begun) >= roundsNs {
			break
		}
		run()
		sample = append(sample, float64(time.Since(from)))
		check()
		c.back.Wait()
	}
	cpu = cpuNs() - cpu
	took := float64(time.Since(begun))
	c.end()
	figure(scenario, "p50_ns", at(sample, 0.5))
	figure(scenario, "p99_ns", at(sample, 0.99))
	figure(scenario, "mean_ns", took/float64(n))
	figure(scenario, "cpu_ns", cpu/float64(n))
}

func crowd() {
	const tasks, waiters = 64, 4
	var wg sync.WaitGroup
	var round uint64
	slots := make([]slot, tasks)
	c := newCrew(tasks+waiters, func(index int) {
		if index >= waiters {
			slots[index-waiters].result = work(round, stepsPerUs)
			slots[index-waiters].round = round
			wg.Done()
			return
		}
		wg.Wait()
		for i := range slots {
			must(slots[i].round == round, "a wait came back before a task was done")
		}
	})
	rounds("crowd", c, func() {
		round++
		wg.Add(tasks)
		c.open()
		c.back.Wait()
	}, func() {})
}

func memory() {
	const groups = 1000000
	all := make([]*sync.WaitGroup, groups)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range all {
		all[i] = new(sync.WaitGroup)
	}
	runtime.ReadMemStats(&after)
	figure("memory", "heap_bytes", float64(after.HeapAlloc-before.HeapAlloc)/groups)
	runtime.KeepAlive(all)
}

// Each job has a cache line of its own: no task writes to the line of another one.
type job struct {
	sum uint64
	_   [7]uint64
}

const jobsMax = 10000

var jobs [jobsMax]job
var seed uint64

// One goroutine starts n tasks and waits for all of them, as spawn_and_check() of ../../spawn.c does.
func spawnAndCheck(n, steps int, gate chan bool, spawned func()) float64 {
	var wg sync.WaitGroup
	seed++
	begun := time.Now()
	for i := 0; i < n; i++ {
		wg.Add(1)
		go func(job *job) {
			if gate != nil {
				<-gate
			}
			job.sum += work(seed, steps)
			wg.Done()
		}(&jobs[i])
	}
	if spawned != nil {
		spawned()
	}
	wg.Wait()
	took := float64(time.Since(begun))
	var sum uint64
	for i := 0; i < n; i++ {
		sum += jobs[i].sum
		jobs[i].sum = 0
	}
	must(sum == uint64(n)*work(seed, steps), "the sum of the tasks is wrong")
	return took
}

func spawn(scenario string, us, n int) {
	const roundsMin = 5
	var sample []float64
	var begun time.Time
	for warm := time.Now().Add(roundsNs / 8); ; {
		sample = append(sample, spawnAndCheck(n, us*stepsPerUs, nil, nil)/float64(n))
		now := time.Now()
		if begun.IsZero() && now.After(warm) {
			begun, sample = now, sample[:0]
		}
		if !begun.IsZero() && len(sample) >= roundsMin && now.Sub(begun) >= roundsNs {
			break
		}
	}
	figure(scenario, "ns", at(sample, 0.5))
}

func residentBytes() float64 {
	var size, pages int
	text, err := os.ReadFile("/proc/self/statm")
	must(err == nil, "/proc/self/statm")
	fmt.Sscan(string(text), &size, &pages)
	return float64(pages * os.Getpagesize())
}

func spawnMemory() {
	spawnAndCheck(1, 0, nil, nil)
	for i := range jobs {
		jobs[i].sum = 0
	}
	before := residentBytes()
	gate := make(chan bool)
	spawnAndCheck(jobsMax, 0, gate, func() {
		time.Sleep(300 * time.Millisecond)
		figure("spawn_memory", "bytes", residentBytes()-before)
		close(gate)
	})
}

var sink [64][8]int

func localWork(index int) {
	x := sink[index][0]
	for i := 0; i < 100; i++ {
		x *= 2
		x /= 2
	}
	sink[index][0] = x
}

type padded struct {
	wg sync.WaitGroup
	_  [128]uint8
}

func main() {
	stepsPerUs, _ = strconv.Atoi(os.Args[1])
	procs := runtime.GOMAXPROCS(0)
	var group sync.WaitGroup
	own := make([]padded, procs)
	next := make([]sync.WaitGroup, 2)
	for _, name := range os.Args[2:] {
		switch name {
		case "pair":
			repeat(name, empty, pairs)
		case "dones":
			repeat(name, func(n int) *sync.WaitGroup {
				wg := new(sync.WaitGroup)
				wg.Add(n)
				return wg
			}, dones)
		case "wait_zero":
			repeat(name, empty, waits)
		case "shared_1":
			shared(name, 1)
		case "shared_2":
			shared(name, 2)
		case "shared_8":
			shared(name, 8)
		case "cores_1":
			cores(name, 1, 0)
		case "cores_2":
			cores(name, 2, 0)
		case "cores_8":
			cores(name, 8, 0)
		case "cores_all":
			cores(name, procs, 0)
		case "cores_all_1us":
			cores(name, procs, 1)
		case "cores_all_10us":
			cores(name, procs, 10)
		case "beside":
			repeatThreads(name, 2, func(index, n int) { pairs(&next[index], n) })
		case "crowd":
			crowd()
		case "memory":
			memory()
		case "spawn_memory":
			spawnMemory()
		case "go_uncontended":
			repeatThreads(name, procs, func(index, n int) {
				for i := 0; i < n; i++ {
					own[index].wg.Add(1)
					own[index].wg.Done()
					own[index].wg.Wait()
				}
			})
		case "go_add_done":
			shared(name, procs)
		case "go_add_done_work":
			repeatThreads(name, procs, func(index, n int) {
				for i := 0; i < n; i++ {
					group.Add(1)
					localWork(index)
					group.Done()
				}
			})
		case "go_wait":
			repeatThreads(name, procs, func(_, n int) { waits(&group, n) })
		case "go_wait_work":
			repeatThreads(name, procs, func(index, n int) {
				for i := 0; i < n; i++ {
					group.Wait()
					localWork(index)
				}
			})
		case "go_actually_wait":
			repeatThreads(name, procs, func(_, n int) {
				for i := 0; i < n; i++ {
					var wg sync.WaitGroup
					wg.Add(1)
					go func() {
						wg.Done()
					}()
					wg.Wait()
				}
			})
		case "check":
			forkJoinCheck()
		default:
			var us, workers int
			if n, _ := fmt.Sscanf(name, "fork_join_%dus_%d", &us, &workers); n == 2 {
				forkJoin(name, us, workers)
			} else if n, _ := fmt.Sscanf(name, "spawn_%dus_%d", &us, &workers); n == 2 {
				spawn(name, us, workers)
			}
		}
	}
}

func forkJoinCheck() {
	for _, workers := range []int{1, 3, 8} {
		var wg sync.WaitGroup
		slots := make([]slot, workers)
		var round uint64
		c := newCrew(workers, func(index int) {
			slots[index].result = work(round, 20)
			slots[index].round = round
			wg.Done()
		})
		for round = 1; round <= 200; round++ {
			wg.Add(workers)
			c.open()
			wg.Wait()
			for i := range slots {
				must(slots[i].round == round, "a wait came back before a task was done")
			}
			c.back.Wait()
		}
		c.end()
	}
	figure("check", "passed", 1)
}
