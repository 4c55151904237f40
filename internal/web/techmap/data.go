package techmap

import (
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/platform/spreadsheet"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// modelFile is a map as a fault tree.
const modelFile = "model.xml" // Open-PSA, by the layer and the assumptions of the query

// Data is GET /maps/{id}/data/{file}: what the viewer sees of the map, as a file.
func (p *Pages) Data(w http.ResponseWriter, r *http.Request) error {
	v, err := p.view(r)
	if err != nil {
		return err
	}
	file := r.PathValue("file")
	switch {
	case slices.Contains(techmap.Files, file):
		shell.Attachment(w, v.Number+"-"+file, "text/csv; charset=utf-8")
		return spreadsheet.NewWriter(w).WriteAll(v.Graph.Table(file))
	case file == techmap.DocumentFile:
		shell.Attachment(w, v.Number+"-"+file, "application/json")
		return json.NewEncoder(w).Encode(v.Document())
	case file == rankFile && v.Plans:
		noise, _ := noiseOf(r)
		ranking, err := v.Rank(r.Context(), wishOf(r.URL.Query()).Assumptions, noise)
		if err != nil {
			return err
		}
		shell.Attachment(w, v.Number+"-"+file, "text/csv; charset=utf-8")
		return spreadsheet.NewWriter(w).WriteAll(rankTable(v, ranking))
	case file == modelFile:
		a, err := v.Ask(r.Context(), wishOf(r.URL.Query()).Assumptions)
		if err != nil {
			return err
		}
		shell.Attachment(w, v.Number+"-"+a.Layer+".xml", "application/xml")
		return a.OpenPSA(w)
	}
	return fault.Missing()
}

// maxImport bounds the tables that are sent at once.
const maxImport = 16 << 20

// The choices of a layout besides those that ship.
const (
	layoutOwn   = "own"   // the tables of a map
	layoutFile  = "file"  // a mapping file among those that are sent
	layoutModel = "model" // a fault tree
)

// importForm is what the form of an import holds.
type importForm struct {
	view    techmap.View
	layout  string
	choices map[string]string
	asked   []layoutChoice
	top     string
	refusal shell.Refusal
}

// AskImport is GET /maps/{id}/import.
func (p *Pages) AskImport(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	return p.importForm(w, r, http.StatusOK, importForm{view: v, layout: layoutOwn})
}

func (p *Pages) importForm(w http.ResponseWriter, r *http.Request, status int, f importForm) (err error) {
	if f.asked, err = layoutChoices(r.Context()); err != nil {
		return err
	}
	return shell.Render(w, r, status, importPage(f))
}

// Import is POST /maps/{id}/import: tables told apart by their names, as the layout says.
func (p *Pages) Import(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxImport)
	if err := r.ParseMultipartForm(maxImport); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	f := importForm{view: v, layout: r.FormValue("layout"), top: strings.TrimSpace(r.FormValue("top")), choices: map[string]string{}}
	files := map[string]io.Reader{}
	for _, h := range r.MultipartForm.File["files"] {
		in, err := h.Open()
		if err != nil {
			return err
		}
		defer in.Close()
		files[path.Base(h.Filename)] = in
	}
	if len(files) == 0 {
		err = fault.Field("files", "fault.required")
	} else {
		err = p.take(r, f, files)
	}
	if refusal, ok := shell.Refused(err); ok {
		f.refusal = refusal
		return p.importForm(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+v.ID, "techmap.done.imported")
}

// take takes files in by the layout that the form chose.
func (p *Pages) take(r *http.Request, f importForm, files map[string]io.Reader) error {
	ctx, a := r.Context(), shell.Actor(r)
	switch f.layout {
	case layoutOwn:
		_, err := p.Maps.Import(ctx, a, f.view.ID, files)
		return err
	case layoutModel:
		for _, in := range files {
			if len(files) == 1 {
				_, err := p.Maps.ImportModel(ctx, a, f.view.ID, in, f.top)
				return err
			}
		}
		return fault.Field("files", "techmap.model.one")
	}
	layout, err := layoutSent(f.layout, files)
	if err != nil {
		return err
	}
	for name := range layout.Choices {
		if value := r.FormValue("choice_" + name); value != "" {
			f.choices[name] = value
		}
	}
	_, err = p.Maps.ImportBy(ctx, a, f.view.ID, layout, f.choices, files)
	return err
}

// layoutSent is a layout that ships, or the mapping file among the files, which it takes out of them.
func layoutSent(name string, files map[string]io.Reader) (*techmap.Layout, error) {
	if name != layoutFile {
		l, err := techmap.ShippedLayout(name)
		if err != nil {
			err = fault.Field("layout", "fault.choice")
		}
		return l, err
	}
	for file, in := range files {
		if ext := path.Ext(file); ext != ".yaml" && ext != ".yml" {
			continue
		}
		src, err := io.ReadAll(in)
		if err != nil {
			return nil, err
		}
		delete(files, file)
		l, err := techmap.ReadLayout(file, src)
		if err != nil {
			err = fault.Field("layout", "techmap.import.choice", err.Error())
		}
		return l, err
	}
	return nil, fault.Field("layout", "techmap.layout.none")
}

func layoutOptions(ctx context.Context) []shell.Option {
	var list []shell.Option
	for _, name := range slices.Concat([]string{layoutOwn}, techmap.LayoutNames(), []string{layoutModel, layoutFile}) {
		list = append(list, shell.Option{Value: name, Label: word(ctx, "layout", name)})
	}
	return list
}

// layoutChoice is an assumption of a layout that ships, as the form asks for it.
type layoutChoice struct {
	name, label string
	values      []shell.Option
}

// layoutChoices are those of all layouts that ship.
func layoutChoices(ctx context.Context) (list []layoutChoice, err error) {
	for _, file := range techmap.LayoutNames() {
		l, err := techmap.ShippedLayout(file)
		if err != nil {
			return nil, err
		}
		for _, name := range slices.Sorted(maps.Keys(l.Choices)) {
			c := layoutChoice{name: name, label: shell.Say(ctx, l.Choices[name].Label)}
			for _, value := range l.Choices[name].Values {
				c.values = append(c.values, shell.Option{Value: value, Label: word(ctx, "choice", value)})
			}
			list = append(list, c)
		}
	}
	return list, nil
}
