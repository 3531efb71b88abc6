package media

// isMP3 reports whether the file consists, after an optional tag, of frames of MPEG
// audio, layer III. It checks two in a row, because a single header is four bytes
// with which any file may begin.
func (b *content) isMP3() bool {
	at := b.afterTag()
	first := frameLength(b.at(at, 4))
	return first > 0 && frameLength(b.at(at+first, 4)) > 0
}

// afterTag returns where an ID3v2 tag at the beginning ends.
func (b *content) afterTag() int64 {
	tag := b.at(0, 10)
	if tag == nil || string(tag[:3]) != "ID3" {
		return 0
	}
	// The size has seven bits in each byte.
	size := int64(tag[6]&0x7f)<<21 | int64(tag[7]&0x7f)<<14 | int64(tag[8]&0x7f)<<7 | int64(tag[9]&0x7f)
	return int64(len(tag)) + size
}

// Bit rates in kbit/s and samples a second by their numbers in a header of layer
// III. MPEG-2 has other bit rates than MPEG-1, and half its samples.
var (
	bitRates1  = [16]int64{0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0}
	bitRates2  = [16]int64{0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0}
	sampleRate = [4]int64{44100, 48000, 32000, 0}
)

// frameLength returns the length in bytes of the frame with this header, zero when
// it is no header of layer III (ISO/IEC 11172-3, section 2.4.1.3).
func frameLength(header []byte) int64 {
	const layerIII = 1
	if len(header) < 4 || header[0] != 0xff || header[1]>>5 != 7 || header[1]>>1&3 != layerIII {
		return 0
	}
	rates, perFrame, slow := bitRates2, int64(72), uint(1)
	switch header[1] >> 3 & 3 {
	case 3: // MPEG-1
		rates, perFrame, slow = bitRates1, 144, 0
	case 0: // MPEG-2.5
		slow = 2
	case 1: // reserved
		return 0
	}
	rate, samples := rates[header[2]>>4], sampleRate[header[2]>>2&3]>>slow
	if rate == 0 || samples == 0 {
		return 0
	}
	return perFrame*rate*1000/samples + int64(header[2]>>1&1)
}
