package store

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"

	bolt "go.etcd.io/bbolt"
)

// copyBatch bounds the memory of a copy: bytes in one transaction.
const copyBatch = 4 << 20

// Copy writes one state of the database into a new file while others read and write; a writer that has to
// grow the file waits for it. It copies rows, not pages, so nothing that was deleted is left in the copy,
// and it is no larger than it must be. The file is synced; a failed copy is removed.
func (db *DB) Copy(path string) (err error) {
	defer catch(&err)
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	db.life.RLock()
	defer db.life.RUnlock()
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("copy of the database: %w", err)
	}
	if err := file.Close(); err != nil {
		return err
	}
	to, err := bolt.Open(path, 0o600, &bolt.Options{NoSync: true, FreelistType: bolt.FreelistMapType, NoStatistics: true})
	if err != nil {
		return errors.Join(fmt.Errorf("copy of the database: %w", err), os.Remove(path))
	}
	err = opened(bolt.Compact(to, db.bolt, copyBatch))
	if err = errors.Join(err, to.Sync(), to.Close()); err != nil {
		return errors.Join(fmt.Errorf("copy of the database: %w", err), os.Remove(path))
	}
	return nil
}
