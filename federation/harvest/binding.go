package harvest

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/coursemesh/coursemesh/adapters/access"
	"github.com/coursemesh/coursemesh/federation/store"
)

// binding is who used an encrypted secret first, kept under a salted hash of it.
type binding struct {
	access.Binding
	First time.Time `json:"first"`
}

const saltName = "bindings"

// bind returns who used a ciphertext first: to, when nobody did.
func (h *Harvester) bind(ciphertext []byte, to access.Binding) (access.Binding, error) {
	h.binding.Lock()
	defer h.binding.Unlock()
	salt, err := h.salt()
	if err != nil {
		return to, err
	}
	name := bindingName(salt, ciphertext)
	first, err := h.bindings.Get(name)
	if errors.Is(err, store.ErrNotFound) {
		return to, h.bindings.Put(name, binding{to, h.cfg.Now()})
	}
	return first.Binding, err
}

func bindingName(salt, ciphertext []byte) string {
	mac := hmac.New(sha256.New, salt)
	mac.Write(ciphertext)
	return hex.EncodeToString(mac.Sum(nil))
}

func (h *Harvester) salt() ([]byte, error) {
	salt, err := h.salts.Get(saltName)
	if !errors.Is(err, store.ErrNotFound) {
		return salt, err
	}
	salt = make([]byte, 32)
	_, _ = rand.Read(salt) // never fails
	return salt, h.salts.Put(saltName, salt)
}
