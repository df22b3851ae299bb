package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/coursemesh/coursemesh/federation/store"
	"github.com/coursemesh/coursemesh/node"
)

// directory looks whether the data directory is there, whose it is, and whether it can be written.
func (v *visit) directory() {
	const name = "data directory"
	dir := v.Config.DataDir
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.say(name, Fail, fmt.Sprintf("name the node's directory with --data-dir or data_dir, or run `coursemesh init --data-dir %s` to make one", dir), "there is no directory %s", dir)
		return
	case err != nil:
		v.say(name, Fail, "let the user who runs the node read it", "%v", err)
		return
	case !info.IsDir():
		v.say(name, Fail, "name a directory", "%s is no directory", dir)
		return
	}
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
		v.say(name, Warn, fmt.Sprintf("run commands as the user who runs the node: files that others make in it, it cannot read (chown -R %d %s undoes that)", stat.Uid, dir), "%s belongs to user %d, and this is user %d", dir, stat.Uid, os.Geteuid())
	}
	if err := syscall.Access(dir, 2|1); err != nil {
		v.say(name, Fail, "mount it for writing, or give it to the user who runs the node", "%s cannot be written: %v", dir, err)
		return
	}
	if mode := info.Mode().Perm(); mode&0o022 != 0 {
		v.say(name, Warn, fmt.Sprintf("chmod %04o %s", mode&^0o022, dir), "%s has mode %04o: others may replace files in it", dir, mode)
		return
	}
	v.ok(name, "%s can be read and written", dir)
}

// Space below which a node is near to stop writing, and that it should have.
const (
	leastSpace = 100 << 20
	someSpace  = 1 << 30
	someMemory = 256 << 20
)

func (v *visit) disk() {
	var stat syscall.Statfs_t
	if err := syscall.Statfs(v.Config.DataDir, &stat); err != nil {
		return // said with the directory
	}
	free := int64(stat.Bavail) * int64(stat.Bsize)
	const fix = "make room: a node that cannot write stops taking anything in. Old dumps and snapshots may go (`coursemesh purge --snapshots`)"
	switch {
	case free < leastSpace:
		v.say("disk", Fail, fix, "%s free", size(free))
	case free < someSpace:
		v.say("disk", Warn, fix, "%s free", size(free))
	default:
		v.ok("disk", "%s free", size(free))
	}
	if stat.Ffree == 0 && stat.Files > 0 {
		v.say("disk", Fail, "remove small files on that file system", "no more files can be made")
	}
}

func size(n int64) string {
	if n < 1<<30 {
		return fmt.Sprintf("%d MiB", n>>20)
	}
	return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
}

// memory reads what Linux says is to be had; elsewhere nothing is said.
func (v *visit) memory() {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "MemAvailable:" {
			continue
		}
		kib, err := strconv.ParseInt(fields[1], 10, 64)
		if free := kib << 10; err == nil && free < someMemory {
			v.say("memory", Warn, "give the machine more, or move other programs away", "%s to be had", size(free))
		} else if err == nil {
			v.ok("memory", "%s to be had", size(free))
		}
	}
}

// keys reads the node's keys without making any.
func (v *visit) keys() {
	dir := filepath.Join(v.Config.DataDir, "keys")
	for _, file := range []string{"publisher.pem", "host.pem"} {
		_, err := os.Stat(filepath.Join(dir, file))
		if errors.Is(err, fs.ErrNotExist) {
			v.say("keys", Warn, "put it back from a backup; without it the node makes a new key when it starts, and is somebody else until manifests name the new id", "there is no %s", filepath.Join(dir, file))
			return
		}
		if err != nil {
			v.say("keys", Fail, "let the user who runs the node read it", "%v", err)
			return
		}
	}
	ids, err := node.Identify(v.Config.DataDir)
	if err != nil {
		v.say("keys", Fail, "do what the message says; the node does not start before", "%v", err)
		return
	}
	v.publisher, v.peer = ids.Publisher, ids.Peer
	v.ok("keys", "publisher %s, peer %s", ids.Publisher, ids.Peer)
}

// position is a number that was signed.
type position struct{ Epoch, Seq uint64 }

// ledger reads head.json, which keeps the node from signing one number twice.
func (v *visit) ledger() {
	path := filepath.Join(v.Config.DataDir, "head.json")
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return // nothing was signed yet, which the database shows too
	}
	if err == nil {
		err = json.Unmarshal(data, &v.facts.signed)
	}
	if err != nil {
		v.say("last number", Fail, `restore it, or write {"epoch":N,"seq":1} into it, N being one more than the highest epoch that any peer shows for this publisher`, "%s cannot be read: %v", path, err)
		return
	}
	v.ok("last number", "head.json remembers that %d.%d was signed last", v.facts.signed.Epoch, v.facts.signed.Seq)
}

// database opens it for a quick look, unless a node has it open.
func (v *visit) database() {
	path := filepath.Join(v.Config.DataDir, "coursemesh.db")
	if v.Running != nil {
		v.ok("database", "the running node has it open; `coursemesh db check` looks at all of it")
		return
	}
	db, err := store.OpenToCheck(v.Config.DataDir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.say("database", Warn, "harvest, or serve: the node makes it; or restore a backup", "there is no %s", path)
		return
	case errors.Is(err, store.ErrLocked):
		v.say("database", Fail, "a command or node of coursemesh that does not answer on its socket has it open: wait for it, or end it", "%s is in use", path)
		return
	case err != nil:
		f, _ := store.FileFinding(v.Config.DataDir, err)
		v.say("database", Fail, f.Fix, "%s: %v", path, err)
		return
	}
	defer db.Close()
	report, err := db.Glance(v.ctx)
	if err != nil {
		v.say("database", Fail, "run `coursemesh db check`", "%s: %v", path, err)
		return
	}
	if len(report.Findings) > 0 {
		f := report.Findings[0]
		v.say("database", Fail, f.Fix, "%s %s: %s (`coursemesh db check` looks at all of it)", f.What, f.Where, f.Problem)
		return
	}
	v.facts.read(v, db)
	v.ok("database", "%s, %s, opens; `coursemesh db check` looks at all of it", path, size(report.Bytes))
	v.behind(db)
}

// behind says that the database and the keys or the ledger are not of one time.
func (v *visit) behind(db *store.DB) {
	head, err := db.Head(v.publisher)
	if v.publisher == "" || err != nil && !errors.Is(err, store.ErrNotFound) {
		return
	}
	signed := v.facts.signed
	if signed.Epoch > head.Epoch || signed.Epoch == head.Epoch && signed.Seq > head.Seq {
		v.say("last number", Warn, "harvest: the node signs in a new epoch by itself, so nothing is signed twice", "the database holds %d.%d of this publisher and head.json remembers %d.%d: the database is an older one, or lost its last change", head.Epoch, head.Seq, signed.Epoch, signed.Seq)
	}
	for _, s := range v.facts.sources {
		if s.publisher != "" && s.publisher != v.publisher {
			v.say("keys", Warn, "put that key back if this one came by mistake; otherwise list the new id in the manifests and harvest", "%s was harvested and signed by publisher %s, which is not this one", s.name, s.publisher)
			return
		}
	}
}
