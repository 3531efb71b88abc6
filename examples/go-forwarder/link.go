package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"os"
	"strconv"
	"strings"
	"time"
)

// signatureLength is how many characters of a link's signature are kept: Telegram passes on 64 in all.
const signatureLength = 22

// customerOf returns the customer that the shop made a link for: customer_expires_signature, where expires is in unix
// seconds and the signature is HMAC-SHA256 under LINK_SECRET. A link with a bare customer number would let anybody
// count through the numbers and get other people's orders.
func customerOf(code string, now time.Time) (customer string, ok bool) {
	at := len(code) - signatureLength - 1
	if at < 1 || code[at] != '_' {
		return "", false
	}
	signed, signature := code[:at], code[at+1:]
	mac := hmac.New(sha256.New, []byte(os.Getenv("LINK_SECRET")))
	mac.Write([]byte(signed))
	want := base64.RawURLEncoding.EncodeToString(mac.Sum(nil))[:signatureLength]
	last := strings.LastIndexByte(signed, '_')
	if !hmac.Equal([]byte(signature), []byte(want)) || last < 1 {
		return "", false
	}
	expires, err := strconv.ParseInt(signed[last+1:], 10, 64)
	return signed[:last], err == nil && now.Unix() < expires
}
