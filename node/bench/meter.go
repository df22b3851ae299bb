package bench

import (
	"bytes"
	"fmt"
	"os"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// meter adds up what the stages of a benchmark take.
type meter struct {
	started used
	stages  []Stage
	memory  *memory
}

// used is a reading of both clocks.
type used struct {
	wall time.Time
	cpu  time.Duration
}

func reading() used {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return used{wall: time.Now()}
	}
	return used{time.Now(), time.Duration(r.Utime.Nano() + r.Stime.Nano())}
}

func (u used) since() (seconds, cpu float64) {
	now := reading()
	return now.wall.Sub(u.wall).Seconds(), (now.cpu - u.cpu).Seconds()
}

func (u used) cpuSince() float64 {
	_, cpu := u.since()
	return cpu
}

// start begins to measure; stop has to follow.
func start(stages ...string) *meter {
	m := &meter{memory: watchMemory()}
	for _, name := range stages {
		m.stages = append(m.stages, Stage{Name: name})
	}
	m.started = reading()
	return m
}

// stage counts what do takes to the stage of that number.
func (m *meter) stage(i int, do func() error) error {
	from := reading()
	err := do()
	seconds, cpu := from.since()
	m.stages[i].Seconds += seconds
	m.stages[i].CPUSeconds += cpu
	return err
}

// stop fills the result in for n pieces of work.
func (m *meter) stop(n int) Result {
	seconds, cpu := m.started.since()
	return Result{
		Seconds: seconds, CPUSeconds: cpu, PerSecond: rate(n, seconds), PerCPUSecond: rate(n, cpu),
		PeakMemory: m.memory.stop(), Stages: m.stages, Compared: []Compared{},
	}
}

func rate(n int, seconds float64) float64 {
	if seconds <= 0 {
		return 0
	}
	return float64(n) / seconds
}

func compare(name string, ours, theirs float64) Compared {
	c := Compared{Name: name, PerCPUSecond: theirs}
	if theirs > 0 {
		c.Ratio = ours / theirs
	}
	return c
}

// memory samples the anonymous memory of this process.
type memory struct {
	done chan struct{}
	wg   sync.WaitGroup
	peak int64
}

const sampleEvery = 10 * time.Millisecond

func watchMemory() *memory {
	m := &memory{done: make(chan struct{}), peak: anonymous()}
	m.wg.Go(func() {
		tick := time.NewTicker(sampleEvery)
		defer tick.Stop()
		for {
			select {
			case <-m.done:
				return
			case <-tick.C:
				m.peak = max(m.peak, anonymous())
			}
		}
	})
	return m
}

func (m *memory) stop() int64 {
	close(m.done)
	m.wg.Wait()
	return max(m.peak, anonymous())
}

// anonymous is the anonymous memory of this process.
func anonymous() int64 { return anonymousOf(os.Getpid()) }

// anonymousOf reads RssAnon of a process, in bytes; 0 where there is no such file.
func anonymousOf(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, found := bytes.Cut(status, []byte("RssAnon:"))
	fields := bytes.Fields(rest[:min(len(rest), 40)])
	if !found || len(fields) == 0 {
		return 0
	}
	kib, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return kib << 10
}

// ticks is the unit of times in /proc, per second; Linux shows 100 on every platform.
const ticks = 100

// cpuOf reads the CPU seconds of a process, user and system (proc(5), fields 14 and 15 of stat); 0 where there is
// no such file.
func cpuOf(pid int) float64 {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // the name before may hold blanks
	if len(fields) < 13 {
		return 0
	}
	user, err1 := strconv.ParseFloat(string(fields[11]), 64)
	system, err2 := strconv.ParseFloat(string(fields[12]), 64)
	if err1 != nil || err2 != nil {
		return 0
	}
	return (user + system) / ticks
}

// tidy collects garbage, so that what was made before is not measured.
func tidy() { debug.FreeOSMemory() }
