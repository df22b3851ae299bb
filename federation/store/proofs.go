package store

import (
	"bytes"
	"errors"
	"fmt"
	"maps"

	"github.com/coursemesh/coursemesh/federation"
	bolt "go.etcd.io/bbolt"
)

// AddProof keeps a proof of equivocation after verifying it. Of each publisher only the first proof in
// its highest proven epoch is kept, for no other has an effect; any other is not added. What is added
// appears in the change log, since the publisher's head may no longer count.
func (db *DB) AddProof(p federation.Proof) (added bool, err error) {
	p, err = federation.NewProof(p.A, p.B)
	if err != nil {
		return false, fmt.Errorf("add proof: %w", err)
	}
	db.switching.Lock()
	defer db.switching.Unlock()
	var last uint64
	err = db.update(func(tx *bolt.Tx) error {
		proven, err := provenEpoch(tx, p.Publisher)
		if err != nil || proven >= p.Epoch {
			return err
		}
		if err := putRow(tx.Bucket(bucketProofs), []byte(p.Publisher), p.Encode()); err != nil {
			return err
		}
		held, err := highest(tx, p.Publisher)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		last, err = appendLog(tx, switchRow{publisher: p.Publisher, head: held.CID}, []changeRow{{}})
		added = err == nil
		return err
	})
	if err != nil {
		return false, fmt.Errorf("add proof: %w", of(p.Publisher, err))
	}
	if added {
		db.advance(last, func(c *current) { c.prove(p.Publisher, p.Epoch) })
	}
	return added, nil
}

// Proofs returns all, sorted by publisher.
func (db *DB) Proofs() (proofs []federation.Proof, err error) {
	err = db.view(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketProofs).ForEach(func(key, stored []byte) error {
			proof, err := openProof(key, stored)
			proofs = append(proofs, proof)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return proofs, nil
}

// ProvenEpochs is the highest proven epoch of each publisher that has one.
func (db *DB) ProvenEpochs() (map[federation.PublisherID]uint64, error) {
	db.mu.RLock()
	whole, closed, epochs := db.current.whole, db.closed, maps.Clone(db.current.proven)
	db.mu.RUnlock()
	switch {
	case closed:
		return nil, ErrClosed
	case whole:
		return epochs, nil
	}
	proofs, err := db.Proofs()
	epochs = make(map[federation.PublisherID]uint64, len(proofs))
	for _, p := range proofs {
		epochs[p.Publisher] = p.Epoch
	}
	return epochs, err
}

// Proof returns that of a publisher's highest proven epoch, or ErrNotFound.
func (db *DB) Proof(p federation.PublisherID) (proof federation.Proof, err error) {
	err = db.view(func(tx *bolt.Tx) (err error) {
		stored := tx.Bucket(bucketProofs).Get([]byte(p))
		if stored == nil {
			return ErrNotFound
		}
		proof, err = openProof([]byte(p), stored)
		return err
	})
	return proof, err
}

// Proven returns the highest proven epoch of a publisher, or 0.
func (db *DB) Proven(p federation.PublisherID) (epoch uint64, err error) {
	db.mu.RLock()
	whole, closed := db.current.whole, db.closed
	epoch = db.current.proven[p]
	db.mu.RUnlock()
	switch {
	case closed:
		return 0, ErrClosed
	case whole:
		return epoch, nil
	}
	err = db.view(func(tx *bolt.Tx) (err error) {
		epoch, err = provenEpoch(tx, p)
		return err
	})
	return epoch, err
}

func provenEpoch(tx *bolt.Tx, p federation.PublisherID) (uint64, error) {
	stored := tx.Bucket(bucketProofs).Get([]byte(p))
	if stored == nil {
		return 0, nil
	}
	proof, err := openProof([]byte(p), stored)
	return proof.Epoch, err
}

func openProof(key, stored []byte) (federation.Proof, error) {
	value, err := openRow(key, stored)
	if err != nil {
		return federation.Proof{}, err
	}
	proof, err := federation.OpenProof(bytes.Clone(value))
	return proof, of(federation.PublisherID(key), err)
}
