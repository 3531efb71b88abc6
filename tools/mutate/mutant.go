package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// mutant is one change of one file: the text between two offsets is replaced.
type mutant struct {
	path     string // absolute
	line     int
	column   int    // in bytes, from 1
	function string // of the changed code, such as "Reader.Phone"; empty outside of any
	from, to int
	insert   string
	// was and is are the texts before and after the change, in one line.
	was, is string
}

// String returns the change with its place, in the form that editors recognise.
func (m mutant) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: %s", m.relative(), m.line, m.column, m.function, m.change())
}

func (m mutant) change() string { return m.was + " -> " + m.is }

// key identifies a mutant in the list of equivalents. It contains no line number,
// so that it stays valid when lines move.
func (m mutant) key() string { return m.relative() + ": " + m.function + ": " + m.change() }

func (m mutant) relative() string {
	if wd, err := os.Getwd(); err == nil {
		if path, err := filepath.Rel(wd, m.path); err == nil {
			return filepath.ToSlash(path)
		}
	}
	return m.path
}

// apply returns the file with the change.
func (m mutant) apply() ([]byte, error) {
	source, err := os.ReadFile(m.path)
	if err != nil {
		return nil, err
	}
	return slices.Concat(source[:m.from], []byte(m.insert), source[m.to:]), nil
}

// mutantsIn returns the mutants of a package's files, or of the one that is named.
// Tests, generated files and files for other platforms are left out.
func mutantsIn(folder, only string) (all []mutant, err error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return nil, err
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") || only != "" && filepath.Base(path) != only {
			continue
		}
		built, err := build.Default.MatchFile(folder, filepath.Base(path))
		if err != nil {
			return nil, err
		}
		if !built {
			continue
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		of, err := mutantsOf(path, source)
		if err != nil {
			return nil, err
		}
		all = append(all, of...)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("there is nothing to change in %s", filepath.Join(folder, only))
	}
	return all, nil
}

// finder finds the mutants of one file.
type finder struct {
	path     string
	source   []byte
	files    *token.FileSet
	function string
	found    []mutant
}

func mutantsOf(path string, source []byte) ([]mutant, error) {
	f := &finder{path: path, source: source, files: token.NewFileSet()}
	file, err := parser.ParseFile(f.files, path, source, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil || ast.IsGenerated(file) {
		return nil, err
	}
	for _, d := range file.Decls {
		f.function = ""
		if function, ok := d.(*ast.FuncDecl); ok {
			f.function = nameOf(function)
			if function.Body == nil {
				continue
			}
			f.earlyReturn(function)
		}
		ast.Inspect(d, f.visit)
	}
	slices.SortStableFunc(f.found, func(a, b mutant) int { return cmp.Compare(a.from, b.from) })
	return f.found, nil
}

// nameOf returns the name of a function or, with the type, of a method.
func nameOf(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	of := f.Recv.List[0].Type
	if pointer, ok := of.(*ast.StarExpr); ok {
		of = pointer.X
	}
	if generic, ok := of.(*ast.IndexExpr); ok {
		of = generic.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

// visit adds the mutants of one node; imports and types have none.
func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec, *ast.TypeSpec:
		return false
	case *ast.IfStmt:
		f.replace(n.Cond, "!("+f.text(n.Cond)+")")
	case *ast.BinaryExpr:
		f.operator(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			f.replace(n, f.text(n.X))
		}
	case *ast.BasicLit:
		f.literal(n)
	case *ast.Ident:
		if other, ok := map[string]string{"true": "false", "false": "true"}[n.Name]; ok {
			f.replace(n, other)
		}
	case *ast.ExprStmt, *ast.IncDecStmt, *ast.DeferStmt:
		f.replace(n, "")
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			f.replace(n, "")
		}
	case *ast.BranchStmt:
		if other, ok := map[token.Token]string{token.BREAK: "continue", token.CONTINUE: "break"}[n.Tok]; ok && n.Label == nil {
			f.replace(n, other)
		}
	case *ast.CaseClause:
		if n.List != nil {
			f.replace(n, "")
		}
	case *ast.ReturnStmt:
		f.returned(n)
	}
	return true
}

// operators maps each operator to the one that replaces it.
var operators = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
	token.EQL: token.NEQ, token.NEQ: token.EQL, token.LAND: token.LOR, token.LOR: token.LAND,
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL,
}

// operator changes an operator, and removes the effect of either side of && and ||.
func (f *finder) operator(n *ast.BinaryExpr) {
	if other, ok := operators[n.Op]; ok {
		f.replace(n, f.text(n.X)+" "+other.String()+" "+f.text(n.Y))
	}
	if n.Op == token.LAND || n.Op == token.LOR {
		f.replace(n, f.text(n.X))
		f.replace(n, f.text(n.Y))
	}
}

// literal changes a number.
func (f *finder) literal(n *ast.BasicLit) {
	switch n.Kind {
	case token.INT:
		if i, err := strconv.ParseInt(n.Value, 0, 64); err == nil {
			f.replace(n, strconv.FormatInt(i+1, 10))
		}
	case token.FLOAT:
		f.replace(n, "(2*"+n.Value+")")
	}
}

// returned drops an error.
func (f *finder) returned(n *ast.ReturnStmt) {
	if len(n.Results) == 0 {
		return
	}
	last := n.Results[len(n.Results)-1]
	if name, ok := last.(*ast.Ident); ok && strings.HasPrefix(name.Name, "err") {
		f.add(last, last, "nil", f.text(n), strings.TrimSuffix(f.text(n), f.text(last))+"nil")
	}
}

// earlyReturn makes a function do nothing, and return zeros.
func (f *finder) earlyReturn(n *ast.FuncDecl) {
	if len(n.Body.List) == 0 {
		return
	}
	var zeros []string
	if n.Type.Results != nil {
		for _, r := range n.Type.Results.List {
			for range max(len(r.Names), 1) {
				zeros = append(zeros, "*new("+f.text(r.Type)+")")
			}
		}
	}
	first, at := f.offset(n.Body.Lbrace)+1, f.files.Position(n.Pos())
	f.found = append(f.found, mutant{
		path: f.path, line: at.Line, column: at.Column, function: f.function, from: first, to: first,
		insert: " if true { return " + strings.Join(zeros, ", ") + " };", was: "all it does", is: "nothing",
	})
}

func (f *finder) replace(n ast.Node, by string) {
	is := by
	if is == "" {
		is = "nothing"
	}
	f.add(n, n, by, f.text(n), is)
}

func (f *finder) add(first, last ast.Node, by, was, is string) {
	at := f.files.Position(first.Pos())
	f.found = append(f.found, mutant{
		path: f.path, line: at.Line, column: at.Column, function: f.function,
		from: f.offset(first.Pos()), to: f.offset(last.End()), insert: by, was: short(was), is: short(is),
	})
}

func (f *finder) offset(p token.Pos) int { return f.files.Position(p).Offset }

func (f *finder) text(n ast.Node) string {
	return string(f.source[f.offset(n.Pos()):f.offset(n.End())])
}

// short shortens a text to one line, which begins as the text does.
func short(text string) string {
	if formatted, err := format.Source([]byte(text)); err == nil {
		text = string(formatted)
	}
	const most = 100
	line := []rune(strings.Join(strings.Fields(text), " "))
	if len(line) > most {
		line = append(line[:most], '…')
	}
	return string(line)
}
