package main

import (
	"fmt"
	"os"
	"testing"
	"time"
)

// soaking says that the long forms of fault tests are to run.
func soaking() bool { return os.Getenv("COURSEMESH_SOAK") != "" }

// scale picks the short form's value or the long form's.
func scale[T any](short, long T) T {
	if soaking() {
		return long
	}
	return short
}

// TestThreat6Partition: five node processes on five hosts are parted, in both directions and in one, lose packets,
// crawl, and die. Both sides go on publishing. Within 30 seconds of healing all have equal roots, and nothing
// that was acknowledged is lost.
func TestThreat6Partition(t *testing.T) {
	l := newLab(t, 5)
	courses, parted := scale(20, 1000), scale(3*time.Second, 10*time.Minute)
	a, b, c, d, e := l.nodes[0], l.nodes[1], l.nodes[2], l.nodes[3], l.nodes[4]
	for _, n := range l.nodes {
		n.publish(courses, "first")
	}
	l.converged(time.Minute)

	for _, n := range []*labNode{a, b} {
		for _, o := range []*labNode{c, d, e} {
			n.deaf(o)
			o.deaf(n)
		}
	}
	a.publish(courses, "while parted")
	d.publish(courses, "while parted")
	time.Sleep(parted)
	e.kill()
	e.start()
	e.publish(courses, "after a crash")
	if err := l.agree(5 * courses); err == nil {
		t.Error("the nodes agree although they are parted")
	}
	l.heal()
	l.converged(30 * time.Second)

	b.deaf(c) // one way: c hears b, and gets no answer
	c.publish(courses, "unheard")
	b.publish(courses, "heard")
	time.Sleep(scale(2*time.Second, time.Minute))
	l.heal()
	l.converged(30 * time.Second)
}

// TestThreat7LossAndSlowLinks: with a fifth of the packets lost and 1 Mbit/s, publishing and replicating go on.
func TestThreat7LossAndSlowLinks(t *testing.T) {
	l := newLab(t, 3)
	for _, n := range l.nodes {
		n.lossy(20)
		n.slow("1mbit")
	}
	courses := scale(30, 10_000)
	for i, n := range l.nodes {
		n.publish(courses, fmt.Sprint("over a bad link ", i))
	}
	l.converged(scale(90*time.Second, 10*time.Minute))
}
