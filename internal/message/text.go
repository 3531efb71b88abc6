package message

import (
	"bellman/internal/fault"
	"bellman/internal/message/foreign"
	"bellman/internal/message/liquid"
	"bellman/internal/message/markup"
)

// text checks a text in HTML.
func (k *checker) text(v versioned) {
	field := v.field("text")
	most, caption := MaxText, len(v.Media) > 0
	if caption {
		most = MaxCaption
	}
	t := k.source(field, v.Text, foreign.HTML)
	if t == nil {
		return
	}
	o := outline{found: func(*outlined) {}}
	o.walk(t.Nodes)
	if n := find(t.Nodes, inTag); n != nil {
		k.add(fault.Flawf(n.At(), "liquid_in_tag", "a value cannot stand here in a tag; put it in the text, or in quotes: href=\"…\"").
			In(field, t.Source))
		return
	}
	before := len(k.faults)
	p := markup.Parser{Strict: !k.lenient, CheckAddress: func(address string) (reason string) {
		_, reason = parseAddress(address)
		return reason
	}}
	variants(t.Nodes, func(v *variant) {
		flaws := p.ParseAll(v.text)
		// Values may bring the text, and so may what is wrong.
		if f := checkShown(p.Text(), most, caption); f != nil && (f.Code != "text_missing" || !t.Dynamic && len(flaws) == 0) {
			flaws = append(flaws, f)
		}
		for _, f := range flaws {
			f.At = v.source(f.At)
			k.add(f.In(field, t.Source))
		}
	})
	if len(k.faults) == before && t.Dynamic {
		k.rendered(field, v.language, t)
	}
}

// find returns the first output at such a spot.
func find(nodes []liquid.Node, at spot) *liquid.Output {
	for _, n := range nodes {
		switch n := n.(type) {
		case *liquid.Output:
			if spot(n.Mark) == at {
				return n
			}
		case *liquid.Block:
			for _, a := range n.Arms {
				if found := find(a.Nodes, at); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

// rendered checks a text as it is with all values, and without any: what a
// literal brings in, only the result shows.
func (k *checker) rendered(field, language string, t *liquid.Template) {
	r := liquid.Renderer{Now: sampleNow, Language: language}
	for _, values := range []struct {
		what string
		liquid.Variables
		all bool
	}{
		{"with sample values", sampleVariables{}, true},
		{"without values", &variables{person: nobody}, false},
	} {
		text, err := r.Render(nil, t, values, htmlEscaper{})
		if err != nil {
			// A value that is missing may well be one that is needed.
			if values.all {
				k.fault(field, "liquid_failed", "%s: %s", values.what, err)
			}
			continue
		}
		var p markup.Parser
		f := p.Parse(text)
		if f == nil && !k.lenient {
			f = p.CheckEntities()
		}
		if f != nil {
			k.fault(field, f.Code, "%s, at %q: %s", values.what, fault.Snippet(text[f.At:]), f.Reason)
		}
	}
}
