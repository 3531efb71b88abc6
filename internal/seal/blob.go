package seal

import (
	"bytes"
	"encoding/binary"
)

// A blob is what a ring has sealed: which key it is under, then what AES-GCM has made of
// the secret. Those under the first key are without the former, as programs wrote them that
// knew one key alone, and as such programs read them: in a rolling update they still run.

const (
	// magic begins a blob that says its key. Chance begins one in 2^64 of the others so.
	magic      = "bellman\x01"
	headerSize = len(magic) + 4
	// firstKey is the id of the key of blobs that do not say theirs.
	firstKey = 1
)

// KeyOf returns the id of the key that a blob is under. It does not say whether the blob
// opens.
func KeyOf(blob []byte) int64 {
	id, _ := split(blob)
	return id
}

// split returns the key's id and what is under it.
func split(blob []byte) (id int64, sealed []byte) {
	if len(blob) < headerSize || !bytes.HasPrefix(blob, []byte(magic)) {
		return firstKey, blob
	}
	return int64(binary.BigEndian.Uint32(blob[len(magic):])), blob[headerSize:]
}

// header returns what stands before a blob under the key.
func header(id int64) []byte {
	if id == firstKey {
		return nil
	}
	return binary.BigEndian.AppendUint32([]byte(magic), uint32(id))
}
