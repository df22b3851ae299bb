package store

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/coursemesh/coursemesh/federation"
	"github.com/ipfs/go-cid"
	"github.com/multiformats/go-multihash"
	bolt "go.etcd.io/bbolt"
)

// formatVersion rises when an older program would misread the database.
const formatVersion = 1

var (
	bucketMeta       = []byte("meta")
	bucketBlocks     = []byte("blocks")
	bucketPublishers = []byte("publishers")
	bucketLog        = []byte("log")
	bucketSwitches   = []byte("switches")
	bucketProofs     = []byte("proofs")
	bucketTables     = []byte("tables")

	metaFormat  = []byte("format")
	metaLast    = []byte("last")
	metaTrimmed = []byte("trimmed")

	subHeads   = []byte("heads")
	subPlaces  = []byte("places")
	subKeys    = []byte("keys")
	subGone    = []byte("gone")
	subNodes   = []byte("nodes")
	keySummary = []byte("summary")
)

func makeBuckets(tx *bolt.Tx) error {
	for _, name := range [][]byte{bucketMeta, bucketBlocks, bucketPublishers, bucketLog, bucketSwitches, bucketProofs, bucketTables} {
		if _, err := tx.CreateBucketIfNotExists(name); err != nil {
			return err
		}
	}
	meta := tx.Bucket(bucketMeta)
	for _, name := range [][]byte{metaLast, metaTrimmed} {
		if err := putNumber(meta, name, 0); err != nil {
			return err
		}
	}
	return putNumber(meta, metaFormat, formatVersion)
}

// shelf is the rows of one publisher.
type shelf struct {
	self, heads, places, keys, gone, nodes *bolt.Bucket
}

// shelfOf returns false for a publisher that never had a head.
func shelfOf(tx *bolt.Tx, p federation.PublisherID) (shelf, bool) {
	b := tx.Bucket(bucketPublishers).Bucket([]byte(p))
	if b == nil {
		return shelf{}, false
	}
	s := shelf{b, b.Bucket(subHeads), b.Bucket(subPlaces), b.Bucket(subKeys), b.Bucket(subGone), b.Bucket(subNodes)}
	if s.heads == nil || s.places == nil || s.keys == nil || s.gone == nil || s.nodes == nil {
		panic("bucket missing under publisher " + string(p))
	}
	return s, true
}

func makeShelf(tx *bolt.Tx, p federation.PublisherID) (shelf, error) {
	b, err := tx.Bucket(bucketPublishers).CreateBucketIfNotExists([]byte(p))
	if err != nil {
		return shelf{}, err
	}
	for _, name := range [][]byte{subHeads, subPlaces, subKeys, subGone, subNodes} {
		if _, err := b.CreateBucketIfNotExists(name); err != nil {
			return shelf{}, err
		}
	}
	s, _ := shelfOf(tx, p)
	return s, nil
}

// digest is the SHA-256 in a CID.
type digest [32]byte

// The only CIDs there are: version 1, sha2-256, of a record or head (raw) or of a tree node (dag-cbor).
const (
	prefixRaw  = "\x01\x55\x12\x20"
	prefixNode = "\x01\x71\x12\x20"
)

func digestOf(c cid.Cid, prefix string) (d digest, ok bool) {
	s := c.KeyString()
	if len(s) != len(prefix)+len(d) || s[:len(prefix)] != prefix {
		return d, false
	}
	copy(d[:], s[len(prefix):])
	return d, true
}

func (d digest) cid(codec uint64) cid.Cid {
	return cid.NewCidV1(codec, append(multihash.Multihash{multihash.SHA2_256, 32}, d[:]...))
}

func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// place is the key of a head: its order is that of heads.
func place(epoch, seq uint64) []byte {
	return binary.BigEndian.AppendUint64(number(epoch), seq)
}

func readNumber(b *bolt.Bucket, key []byte) (uint64, error) {
	v, err := getRow(b, key)
	if err != nil || len(v) != 8 {
		return 0, fmt.Errorf("%w: number %q of the database is unreadable", ErrCorrupt, key)
	}
	return binary.BigEndian.Uint64(v), nil
}

func putNumber(b *bolt.Bucket, key []byte, n uint64) error { return putRow(b, key, number(n)) }

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// putRow adds a checksum over key and value.
func putRow(b *bolt.Bucket, key, value []byte) error {
	sum := crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value)
	return b.Put(key, binary.BigEndian.AppendUint32(value, sum))
}

// getRow returns ErrNotFound, ErrCorrupt, or a value that lives as long as the transaction.
func getRow(b *bolt.Bucket, key []byte) ([]byte, error) {
	v := b.Get(key)
	if v == nil {
		return nil, ErrNotFound
	}
	return openRow(key, v)
}

func openRow(key, v []byte) ([]byte, error) {
	if len(v) < 4 {
		return nil, fmt.Errorf("%w: row %q is cut off", ErrCorrupt, key)
	}
	value, sum := v[:len(v)-4], binary.BigEndian.Uint32(v[len(v)-4:])
	if crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, value) != sum {
		return nil, fmt.Errorf("%w: row %q", ErrCorrupt, key)
	}
	return value, nil
}
