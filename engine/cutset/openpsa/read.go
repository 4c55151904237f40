package openpsa

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// A node is an element with its children; comments and labels are dropped
// while reading.
type node struct {
	tag       string
	attr      map[string]string
	kids      []*node
	line, col int
}

func (n *node) name() string { return strings.TrimSpace(n.attr["name"]) }

func (n *node) errorf(format string, args ...any) error {
	return fmt.Errorf("line %d, column %d: %w", n.line, n.col, fmt.Errorf(format, args...))
}

// maxDepth bounds how deep elements may be nested: event trees fork deeply, formulas do not.
const maxDepth = 1000

// parse reads the elements of a document into a tree.
func parse(in io.Reader) (*node, error) {
	d := xml.NewDecoder(in)
	root := &node{tag: "document", line: 1, col: 1}
	path := []*node{root}
	skip := 0
	for {
		line, col := d.InputPos()
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line, col = d.InputPos()
			return nil, fmt.Errorf("line %d, column %d: %w", line, col, plain(err))
		}
		switch t := t.(type) {
		case xml.StartElement:
			if skip > 0 || t.Name.Local == "label" {
				skip++
				continue
			}
			n := &node{tag: t.Name.Local, line: line, col: col}
			if len(t.Attr) > 0 {
				n.attr = make(map[string]string, len(t.Attr))
				for _, a := range t.Attr {
					n.attr[a.Name.Local] = a.Value
				}
			}
			if len(path) > maxDepth {
				return nil, n.errorf("elements are nested more than %d deep", maxDepth)
			}
			top := path[len(path)-1]
			top.kids = append(top.kids, n)
			path = append(path, n)
		case xml.EndElement:
			if skip > 0 {
				skip--
				continue
			}
			path = path[:len(path)-1]
		case xml.CharData:
			top := path[len(path)-1]
			if skip == 0 && len(strings.TrimSpace(string(t))) > 0 {
				return nil, fmt.Errorf("line %d, column %d: text %.40q inside <%s>, elements are expected", line, col, strings.TrimSpace(string(t)), top.tag)
			}
		}
	}
	if len(root.kids) != 1 || root.kids[0].tag != "opsa-mef" {
		return nil, errors.New("line 1: not an Open-PSA model, the root element <opsa-mef> is expected")
	}
	return root.kids[0], nil
}

// plain is an error of the XML decoder without its own line, which stands before it.
func plain(err error) error {
	var s *xml.SyntaxError
	if errors.As(err, &s) {
		return errors.New(s.Msg)
	}
	return err
}

// number reads the attribute value of <float>, <int> or <bool>.
func (n *node) number() (float64, error) {
	text, ok := n.attr["value"]
	if !ok {
		return 0, n.errorf("<%s> has no value", n.tag)
	}
	text = strings.TrimSpace(text)
	if n.tag == "bool" || n.tag == "constant" {
		switch text {
		case "true":
			return 1, nil
		case "false":
			return 0, nil
		}
		return 0, n.errorf("value %q, true or false is expected", text)
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, n.errorf("value %q, a number is expected", text)
	}
	return x, nil
}
