package sheet

import (
	"bufio"
	"bytes"
	"io"

	"golang.org/x/text/encoding/unicode"
)

// chunk is how much is read at once. The first one shows what kind of file it is.
const chunk = 64 << 10

const utf8 = "utf-8"

// newText returns the content in UTF-8, without a byte order mark. UTF-16 is known
// by its mark, or by the zero byte in its first letter, as the names of columns
// begin with a Latin one; everything else is taken for UTF-8. The encoding is named as
// the IANA does. An [*Error] means that it is another kind of file.
func newText(content io.Reader) (text *bufio.Reader, encoding string, err error) {
	raw := bufio.NewReaderSize(content, chunk)
	// An error comes again when the text is read.
	first, _ := raw.Peek(4)
	switch {
	case bytes.HasPrefix(first, []byte("PK\x03\x04")), bytes.HasPrefix(first, []byte("\xd0\xcf\x11\xe0")):
		return nil, "", refuse("it is a workbook or an archive: save the sheet as CSV UTF-8")
	case bytes.HasPrefix(first, []byte("\x1f\x8b")):
		return nil, "", refuse("it is compressed: unpack it")
	case bytes.HasPrefix(first, []byte("\ufeff")):
		// These bytes have been peeked, so that discarding them does not fail.
		_, _ = raw.Discard(len("\ufeff"))
		return raw, utf8, nil
	case len(first) >= 2 && (first[0] == 0xff && first[1] == 0xfe || first[0] != 0 && first[1] == 0):
		return decoded(raw, unicode.LittleEndian), "utf-16le", nil
	case len(first) >= 2 && (first[0] == 0xfe && first[1] == 0xff || first[0] == 0 && first[1] != 0):
		return decoded(raw, unicode.BigEndian), "utf-16be", nil
	}
	return raw, utf8, nil
}

func decoded(raw io.Reader, order unicode.Endianness) *bufio.Reader {
	return bufio.NewReaderSize(unicode.UTF16(order, unicode.UseBOM).NewDecoder().Reader(raw), chunk)
}
