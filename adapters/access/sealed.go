package access

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // the padding that institutions' tools use; OAEP does not rest on collisions
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"
)

const (
	maxSecret = 64 << 10            // bytes of a secret
	maxSealed = 2*maxSecret + 8<<10 // bytes of its encrypted text, which wraps Base64 in Base64
	keyBytes  = 32                  // AES-256
	minBits   = 2048
	maxBits   = 16384
)

// Errors of opening a sealed text. They say what it looks like and quote nothing.
var (
	errClear   = errors.New("the secret is not encrypted")
	errForeign = errors.New("the secret cannot be decrypted with a key of this node")
)

// Fingerprint names a public key: SHA-256 over its SubjectPublicKeyInfo (DER), in hexadecimal digits.
func Fingerprint(key crypto.PublicKey) (string, error) {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:]), nil
}

// ParsePublicKey reads an RSA public key from PEM, or from the JSON of a node's or the pilot's /public-key.
func ParsePublicKey(document []byte) (*rsa.PublicKey, error) {
	var wrapped struct {
		PublicKey string `json:"public_key"`
	}
	if json.Unmarshal(document, &wrapped) == nil && wrapped.PublicKey != "" {
		document = []byte(wrapped.PublicKey)
	}
	block, _ := pem.Decode(document)
	if block == nil {
		return nil, errors.New("no PEM public key; begin with -----BEGIN PUBLIC KEY-----")
	}
	if block.Type == "RSA PUBLIC KEY" {
		return checkKey(x509.ParsePKCS1PublicKey(block.Bytes))
	}
	if block.Type != "PUBLIC KEY" {
		return nil, fmt.Errorf("a PEM block of type %q, not PUBLIC KEY", clip(block.Type))
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	typed, ok := key.(*rsa.PublicKey)
	if err == nil && !ok {
		err = errors.New("not an RSA key")
	}
	return checkKey(typed, err)
}

func checkKey(key *rsa.PublicKey, err error) (*rsa.PublicKey, error) {
	if err != nil {
		return nil, err
	}
	if bits := key.N.BitLen(); bits < minBits || bits > maxBits {
		return nil, fmt.Errorf("an RSA key of %d bits; %d to %d are accepted", bits, minBits, maxBits)
	}
	return key, nil
}

// hybrid is the form of secrets too long for RSA. Its Base64 stands where a ciphertext stands.
type hybrid struct {
	Key   string `json:"key"`   // RSA-OAEP of a key for AES-256-GCM
	Nonce string `json:"nonce"` // 12 bytes
	Data  string `json:"data"`  // ciphertext and tag, no additional data
}

// Encrypt seals a secret to a key, as Base64 on one line: by RSA-OAEP (SHA-1, which every reader of QualityLink
// manifests takes) as far as that holds it, else in the hybrid form, which only coursemesh reads.
func Encrypt(to *rsa.PublicKey, secret []byte) (text string, long bool, err error) {
	if len(secret) == 0 || len(secret) > maxSecret {
		return "", false, fmt.Errorf("a secret has 1 to %d bytes, this one has %d", maxSecret, len(secret))
	}
	if len(secret) <= to.Size()-2*sha1.Size-2 {
		sealed, err := oaep(to, secret)
		return base64.StdEncoding.EncodeToString(sealed), false, err
	}
	key, nonce := make([]byte, keyBytes), make([]byte, 12)
	_, _ = rand.Read(key) // never fails
	_, _ = rand.Read(nonce)
	wrapped, err := oaep(to, key)
	if err != nil {
		return "", true, err
	}
	box, err := gcm(key)
	if err != nil {
		return "", true, err
	}
	encode := base64.StdEncoding.EncodeToString
	document, err := json.Marshal(hybrid{encode(wrapped), encode(nonce), encode(box.Seal(nil, nonce, secret, nil))})
	return encode(document), true, err
}

func oaep(to *rsa.PublicKey, secret []byte) ([]byte, error) {
	return rsa.EncryptOAEP(sha1.New(), rand.Reader, to, secret, nil)
}

func gcm(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// sealed is an encrypted secret, taken apart.
type sealed struct {
	wrapped     []byte // RSA ciphertext: of the secret, or of the key to data
	nonce, data []byte
}

// parseSealed reads Base64 or the JSON of the hybrid form, bare or in Base64.
func parseSealed(text string) (sealed, error) {
	if len(text) > maxSealed {
		return sealed{}, fmt.Errorf("a secret of more than %d bytes", maxSecret)
	}
	if s, ok := parseHybrid([]byte(text)); ok {
		return s, nil
	}
	raw, ok := unbase64(text)
	if !ok || len(raw) == 0 {
		return sealed{}, errClear
	}
	if s, ok := parseHybrid(raw); ok {
		return s, nil
	}
	return sealed{wrapped: raw}, nil
}

func parseHybrid(document []byte) (s sealed, ok bool) {
	var h hybrid
	if !bytes.HasPrefix(bytes.TrimSpace(document), []byte("{")) || json.Unmarshal(document, &h) != nil {
		return s, false
	}
	var ok1, ok2, ok3 bool
	s.wrapped, ok1 = unbase64(h.Key)
	s.nonce, ok2 = unbase64(h.Nonce)
	s.data, ok3 = unbase64(h.Data)
	return s, ok1 && ok2 && ok3 && len(s.nonce) == 12 && len(s.wrapped) > 0 && len(s.data) > 0
}

// unbase64 takes either alphabet, line breaks, and no or any padding.
func unbase64(text string) ([]byte, bool) {
	text = strings.Join(strings.Fields(text), "")
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	raw, err := base64.RawStdEncoding.DecodeString(text)
	return raw, err == nil
}

// identity is the same for every spelling of the ciphertext. Who can open the RSA part made what lies under it.
func (s sealed) identity() []byte { return bytes.TrimLeft(s.wrapped, "\x00") }

// open tries every key that fits. A trailing line break, which the shell's echo leaves, is no part of a secret.
func (s sealed) open(keys []*rsa.PrivateKey) (Secret, error) {
	if s.data == nil && !fitsSomeRSA(len(s.wrapped)) {
		return Secret{}, errClear
	}
	for _, key := range keys {
		if !s.fits(key) {
			continue
		}
		if plain, ok := s.openWith(key); ok {
			return newSecret(strings.TrimRight(string(plain), "\r\n")), nil
		}
	}
	return Secret{}, errForeign
}

// fits judges by the length, of which leading zeros may be missing.
func (s sealed) fits(key *rsa.PrivateKey) bool {
	size := key.Size()
	return len(s.wrapped) <= size && len(s.wrapped) >= size-2
}

// fitsSomeRSA tells a ciphertext for somebody else from a clear text that happens to be Base64.
func fitsSomeRSA(n int) bool { return n >= minBits/8-2 && n <= maxBits/8 }

func (s sealed) openWith(key *rsa.PrivateKey) ([]byte, bool) {
	for _, padding := range []rsa.OAEPOptions{
		{Hash: crypto.SHA1},
		{Hash: crypto.SHA256},
		{Hash: crypto.SHA256, MGFHash: crypto.SHA1}, // the default of Java
	} {
		plain, err := key.Decrypt(nil, s.wrapped, &padding)
		if err != nil {
			continue
		}
		if s.data == nil {
			return plain, true
		}
		if len(plain) != keyBytes {
			return nil, false
		}
		box, err := gcm(plain)
		if err != nil {
			return nil, false
		}
		plain, err = box.Open(nil, s.nonce, s.data, nil)
		return plain, err == nil
	}
	return nil, false
}

func clip(text string) string {
	if len(text) > 40 {
		return strings.ToValidUTF8(text[:40], "") + "..."
	}
	return text
}
