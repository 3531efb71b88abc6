package liquid

import "bellman/internal/fault"

// Template is a source taken apart. It is safe for concurrent use once nobody
// changes its nodes any more.
type Template struct {
	Source string
	// Nodes are the text and the Liquid in it, in order; blocks have theirs
	// inside.
	Nodes []Node
	// Dynamic tells that there is any Liquid.
	Dynamic bool
	// Required are the variables that are written out without a default, outside
	// of any block that asks for them: sorted, each once.
	Required []string
	// Named are the properties of the scope's Named that the source uses, each time, in
	// order.
	Named []Name
	// Flaws are what is wrong with the Liquid, in order. A template with any is
	// not rendered.
	Flaws []*fault.Flaw
	// slots is how many variables the source makes.
	slots int
}

// Name is a property with the place of its variable in the source, in bytes.
type Name struct {
	Name string
	At   int
}

// Node is a stretch of a source: a [*Text], an [*Output], a [*Tag] or a [*Block].
type Node interface {
	// Source is the node as it is written; of a block, the tag that begins it.
	Source() string
	// At is its place in the whole source, in bytes.
	At() int
	// write writes what the node becomes.
	write(r *Renderer)
}

type piece struct {
	source string
	at     int
}

func (p piece) Source() string { return p.source }

func (p piece) At() int { return p.at }

// trims tells that a piece of Liquid takes white space off the text before and
// after it.
type trims struct{ before, after bool }

// Text is written as it is.
type Text struct {
	piece
	written []byte
}

// Insert has s written in the text, before the byte at i of its source. Places
// come in order.
func (t *Text) Insert(i int, s string) {
	i += len(t.written) - len(t.source)
	t.written = append(t.written[:i:i], s+string(t.written[i:])...)
}

// Written is the text with what was inserted.
func (t *Text) Written() []byte { return t.written }

// Output writes a value.
type Output struct {
	piece
	trims
	value expression
	// Mark is for who reads the tree: it says where the output stands.
	Mark byte
	// Encode has the value written as by the filter url_encode, so that it is one
	// part of an address; what is encoded or safe already stays.
	Encode bool
}

// Tag is a tag that shows nothing itself, such as {% assign %}; a comment is one
// as a whole.
type Tag struct {
	piece
	trims
	name string
	// slot and value are an assignment's.
	slot  int
	value expression
}

// Block is a tag to its end, with what is in it.
type Block struct {
	piece
	trims
	// Name is if, unless, case, for or capture.
	Name string
	// Arms are what it chooses between; of a loop, what it repeats and what it
	// shows instead; of a case, first what is never shown. The last one of a block
	// without an else is empty and has no tag.
	Arms []Arm
	// End is the tag that ends it.
	End *Tag
	// subject is what a case compares; slot the variable of a capture.
	subject expression
	slot    int
	loop    *loop
}

// Arm is one part of a block.
type Arm struct {
	// Tag is the one before it; nil when the arm is not written.
	Tag   *Tag
	Nodes []Node
	// tests are what any of has to hold; none is an else.
	tests []expression
	// begin and end tell that white space goes there.
	begin, end bool
}

// Choices are the arms that can be shown.
func (b *Block) Choices() []Arm {
	if b.Name == "case" {
		return b.Arms[1:]
	}
	return b.Arms
}
