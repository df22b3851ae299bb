package harvest

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// answer is what a server said at one address, so that nothing is downloaded or processed twice without need.
type answer struct {
	Key      string            `json:"k"`           // salted hash of the address, whose query may hold keys
	Said     string            `json:"s"`           // snapshot, or "status 404"
	Settled  string            `json:"d,omitempty"` // Said, as the last complete run read it
	ETag     string            `json:"e,omitempty"`
	Modified string            `json:"m,omitempty"`
	Head     string            `json:"h,omitempty"` // validators that HEAD gave, where GET gives none; "none" when it fails
	Media    string            `json:"t,omitempty"`
	URL      string            `json:"u,omitempty"` // after redirects, without query; "" when there were none
	Header   map[string]string `json:"x,omitempty"` // what adapters read of it
	At       time.Time         `json:"a"`

	run int // of those in the file, in order
}

// answers of one source. They are kept in a file that grows while a run goes on, so that a run that was
// killed can be taken up where it ended, and is written anew when a run has read everything. It lies among
// the snapshots, which it names. One run at a time uses it.
type answers struct {
	path string
	salt []byte
	held map[string]answer
	used map[string]bool
	file *os.File

	runs  int // in the file that have ended; answers with this number are of one that has not
	began time.Time
	asked int // addresses asked for by this run
	same  int // of those, whose answer is as the last complete run read it
}

const (
	resumable  = 24 * time.Hour // how long an interrupted run's answers stand in for new ones
	answersCap = 1 << 20        // addresses of one source
)

// line of the file: an answer, or a mark that a run has ended.
type answersLine struct {
	answer
	End bool `json:"end,omitempty"`
}

// openAnswers reads what is held. A damaged or half-written line is passed over: it costs a download.
func (h *Harvester) openAnswers(source string, fresh bool) (*answers, error) {
	salt, err := h.salt()
	if err != nil {
		return nil, err
	}
	a := &answers{path: h.memory(source).sibling("answers."), salt: salt, held: map[string]answer{}, used: map[string]bool{}, began: h.cfg.Now()}
	if !fresh {
		if err := a.load(); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(filepath.Dir(a.path), 0o700); err != nil {
		return nil, err
	}
	flags := os.O_APPEND | os.O_CREATE | os.O_WRONLY
	if fresh {
		flags |= os.O_TRUNC
	}
	a.file, err = os.OpenFile(a.path, flags, 0o600)
	return a, err
}

func (a *answers) load() error {
	f, err := os.Open(a.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var line answersLine
		switch err := json.Unmarshal(lines.Bytes(), &line); {
		case err != nil:
		case line.End:
			a.runs++
		case line.Key != "" && len(a.held) < answersCap:
			line.run = a.runs
			a.held[line.Key] = line.answer
		}
	}
	return lines.Err()
}

// of is what is held of an address, the zero answer but for its key when nothing is.
func (a *answers) of(target string) answer {
	mac := hmac.New(sha256.New, a.salt)
	mac.Write([]byte(target))
	key := base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
	if held, ok := a.held[key]; ok {
		return held
	}
	return answer{Key: key, run: -1}
}

// standsIn says that an answer of an interrupted run is recent enough to be taken without asking.
func (a *answers) standsIn(held answer) bool {
	return held.run == a.runs && a.began.Sub(held.At) < resumable
}

// note takes an answer; one that was downloaded is written down.
func (a *answers) note(now answer, downloaded bool) error {
	if now.Said == now.Settled {
		a.same++
	}
	a.used[now.Key] = true
	a.held[now.Key] = now
	if !downloaded {
		return nil
	}
	return a.write(answersLine{answer: now})
}

// asBefore says that everything so far was as the last complete run read it.
func (a *answers) asBefore() bool { return a.asked > 0 && a.asked == a.same }

func (a *answers) write(line answersLine) error {
	data, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = a.file.Write(append(data, '\n'))
	return err
}

// end marks that the run came to an end, whatever its outcome, and lets go.
func (a *answers) end() error {
	return errors.Join(a.write(answersLine{End: true}), a.file.Close())
}

// settle keeps what a complete run has read, and forgets addresses that it did not ask.
func (a *answers) settle() error {
	f, err := os.CreateTemp(filepath.Dir(a.path), filepath.Base(a.path)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	out := bufio.NewWriter(f)
	lines := json.NewEncoder(out)
	for key := range a.used {
		now := a.held[key]
		now.Settled = now.Said
		if err := lines.Encode(answersLine{answer: now}); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	if err := errors.Join(out.Flush(), f.Close(), os.Rename(f.Name(), a.path), a.file.Close()); err != nil {
		return err
	}
	a.file, err = os.OpenFile(a.path, os.O_APPEND|os.O_WRONLY, 0o600)
	return err
}
