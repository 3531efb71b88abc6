package message

import (
	"slices"

	"bellman/internal/message/liquid"
)

// maxVariants is how many of the texts that a source can become are checked.
const maxVariants = 64

// variant is a text that a source can become: one arm of each block, and a
// sample for each output.
type variant struct {
	text []byte
	// parts are the stretches of the text, for places in the source.
	parts []variantPart
}

type variantPart struct {
	at     int // in the text
	source int // in the source
	// written tells that the stretch is as in the source.
	written bool
}

// source returns the place in the source that a place in the text comes from.
func (v *variant) source(at int) int {
	i, found := slices.BinarySearchFunc(v.parts, at, func(p variantPart, at int) int { return p.at - at })
	if !found {
		i--
	}
	if i < 0 {
		return 0
	}
	if p := v.parts[i]; p.written {
		return p.source + at - p.at
	}
	return v.parts[i].source
}

// widths returns, for each depth of blocks, how many arms the widest has.
func widths(nodes []liquid.Node, depth int, found []int) []int {
	for _, n := range nodes {
		b, ok := n.(*liquid.Block)
		if !ok {
			continue
		}
		if depth == len(found) {
			found = append(found, 1)
		}
		choices := b.Choices()
		found[depth] = max(found[depth], len(choices))
		for _, a := range choices {
			found = widths(a.Nodes, depth+1, found)
		}
	}
	return found
}

// variants calls check with texts that a source can become, until each arm of
// each block has been in one of them, together with each arm of the blocks
// around it.
func variants(nodes []liquid.Node, check func(*variant)) {
	w := widths(nodes, 0, nil)
	total := 1
	for _, n := range w {
		total = min(total*n, maxVariants)
	}
	for number := range total {
		v := &variant{}
		v.add(nodes, w, number)
		check(v)
	}
}

// add appends what nodes become in one variant; its number chooses the arms,
// the outermost by its lowest digit.
func (v *variant) add(nodes []liquid.Node, widths []int, number int) {
	for _, n := range nodes {
		switch n := n.(type) {
		case *liquid.Text:
			v.parts = append(v.parts, variantPart{len(v.text), n.At(), true})
			v.text = append(v.text, n.Source()...)
		case *liquid.Output:
			v.parts = append(v.parts, variantPart{len(v.text), n.At(), false})
			v.text = append(v.text, sampleOf(spot(n.Mark))...)
		case *liquid.Block:
			choices := n.Choices()
			v.add(choices[number%widths[0]%len(choices)].Nodes, widths[1:], number/widths[0])
		}
	}
}

// sampled returns one of the texts that a source can become.
func sampled(nodes []liquid.Node) string {
	v := &variant{}
	v.add(nodes, widths(nodes, 0, nil), 0)
	return string(v.text)
}
