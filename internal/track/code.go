package track

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"hash"
	"strings"
	"sync"
	"sync/atomic"

	"bellman/internal/fault"
)

// Path is the beginning of the addresses of links, under the public address of the
// installation; the code follows.
const Path = "/r/"

// MaxCode is the greatest length of a code, in characters. The code of a link whose
// target is personal contains the target, of up to 4096 bytes.
const MaxCode = 5600

// Code is the content of a link's code: whose link it is, and which.
type Code struct {
	CampaignID int64
	Seq        int64
	ContactID  int64
	// Link is the index of the link among those of the message, from 0.
	Link int
	// Target is where a personal link leads this recipient. It is empty for a link
	// that is the same for everybody, whose target is in the campaign's content.
	Target string
}

// ErrCode is returned for a code that was made with none of the keys, or was damaged on
// its way.
var ErrCode = fault.New(fault.NotFound, "link_unknown", "there is no link at this address")

// Keys are the keys of an installation, which may change while it serves; seal.Ring
// implements it.
type Keys interface {
	// Turn is larger when what Derive returns has changed.
	Turn() uint64
	// Derive returns keys for one purpose: the first one signs, all are read with. turn is
	// that of Turn for them.
	Derive(purpose string) (all [][]byte, turn uint64)
}

// Signer makes and reads codes. It is safe for concurrent use.
//
// A code is the base64url form, without padding, of a version, the numbers as
// varints, the target if there is one, and the first 8 bytes of an HMAC-SHA256 over
// all of these: about 24 characters when the link is the same for everybody. It does not
// say under which key: an installation has few, and trying one takes less than
// following the link.
type Signer struct {
	keys Keys
	made atomic.Pointer[macs]
}

// macs are for the keys of a turn: that which signs first.
type macs struct {
	turn uint64
	all  []*sync.Pool
}

// mac holds what one signature needs; one goroutine at a time uses it.
type mac struct {
	hash hash.Hash
	raw  []byte
	text []byte
	sum  [sha256.Size]byte
}

const (
	codeVersion = 1
	macSize     = 8
)

// codeEncoding is strict, so that a code has one spelling.
var codeEncoding = base64.RawURLEncoding.Strict()

// NewSigner returns a signer under keys that are derived from those of the installation
// for this purpose only.
func NewSigner(keys Keys) *Signer {
	s := &Signer{keys: keys}
	s.renew()
	return s
}

func (s *Signer) macs() []*sync.Pool {
	if m := s.made.Load(); m.turn == s.keys.Turn() {
		return m.all
	}
	return s.renew()
}

// renew makes the MACs anew for the present keys.
func (s *Signer) renew() []*sync.Pool {
	keys, turn := s.keys.Derive("bellman click code")
	m := &macs{turn: turn}
	for _, key := range keys {
		m.all = append(m.all, &sync.Pool{New: func() any { return &mac{hash: hmac.New(sha256.New, key)} }})
	}
	s.made.Store(m)
	return m.all
}

// Mint returns the code of a link.
func (s *Signer) Mint(c Code) string {
	pool := s.macs()[0]
	m := pool.Get().(*mac)
	defer pool.Put(m)
	link := uint64(c.Link) << 1
	if c.Target != "" {
		link |= 1
	}
	m.raw = append(m.raw[:0], codeVersion)
	for _, n := range [...]uint64{uint64(c.CampaignID), uint64(c.Seq), uint64(c.ContactID), link} {
		m.raw = binary.AppendUvarint(m.raw, n)
	}
	m.raw = append(m.raw, c.Target...)
	m.raw = append(m.raw, m.sign(m.raw)...)
	m.text = codeEncoding.AppendEncode(m.text[:0], m.raw)
	return string(m.text)
}

// Read returns the content of a code, or [ErrCode].
func (s *Signer) Read(code string) (Code, error) {
	// The decoder would ignore line ends.
	if len(code) > MaxCode || strings.ContainsAny(code, "\r\n") {
		return Code{}, ErrCode
	}
	all := s.macs()
	m := all[0].Get().(*mac)
	defer all[0].Put(m)
	m.text = append(m.text[:0], code...)
	raw, err := codeEncoding.AppendDecode(m.raw[:0], m.text)
	if err != nil || len(raw) <= macSize {
		return Code{}, ErrCode
	}
	m.raw = raw
	said, signature := raw[:len(raw)-macSize], raw[len(raw)-macSize:]
	if !hmac.Equal(signature, m.sign(said)) && !signedBefore(all[1:], said, signature) {
		return Code{}, ErrCode
	}
	return parseCode(said)
}

// signedBefore reports whether one of the other keys has signed.
func signedBefore(others []*sync.Pool, said, signature []byte) bool {
	for _, pool := range others {
		m := pool.Get().(*mac)
		right := hmac.Equal(signature, m.sign(said))
		pool.Put(m)
		if right {
			return true
		}
	}
	return false
}

// parseCode reads the signed bytes, which are not empty. It fails for a version
// that this program does not know.
func parseCode(said []byte) (Code, error) {
	if said[0] != codeVersion {
		return Code{}, ErrCode
	}
	said = said[1:]
	var numbers [4]uint64
	for i := range numbers {
		n, size := binary.Uvarint(said)
		if size <= 0 {
			return Code{}, ErrCode
		}
		numbers[i], said = n, said[size:]
	}
	personal := numbers[3]&1 == 1
	if personal != (len(said) > 0) {
		return Code{}, ErrCode
	}
	return Code{
		CampaignID: int64(numbers[0]), Seq: int64(numbers[1]), ContactID: int64(numbers[2]),
		Link: int(numbers[3] >> 1), Target: string(said),
	}, nil
}

// sign returns the MAC of the bytes; it is valid until the next call.
func (m *mac) sign(said []byte) []byte {
	m.hash.Reset()
	m.hash.Write(said)
	return m.hash.Sum(m.sum[:0])[:macSize]
}
