package techmap

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"path"
	"slices"

	"github.com/headwater-platform/headwater/internal/platform/fault"
	"github.com/headwater-platform/headwater/internal/techmap"
	"github.com/headwater-platform/headwater/internal/web/shell"
)

// The files of a map besides its tables.
const (
	jsonFile  = "map.json"
	modelFile = "model.xml" // Open-PSA, by the layer and the assumptions of the query
)

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
		return csv.NewWriter(w).WriteAll(v.Graph.Table(file))
	case file == jsonFile:
		shell.Attachment(w, v.Number+".json", "application/json")
		return json.NewEncoder(w).Encode(map[string]any{"number": v.Number, "title": v.Title, "home": v.Home, "goal": v.Goal, "threshold": v.Threshold,
			"nodes": v.Graph.Nodes, "gates": v.Graph.Gates, "providers": v.Graph.Providers, "shares": v.Graph.Shares})
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

// AskImport is GET /maps/{id}/import.
func (p *Pages) AskImport(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	return shell.Render(w, r, http.StatusOK, importPage(v, shell.Refusal{}))
}

// Import is POST /maps/{id}/import: any of the tables, told apart by their names.
func (p *Pages) Import(w http.ResponseWriter, r *http.Request) error {
	v, err := p.writable(r)
	if err != nil {
		return err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxImport)
	if err := r.ParseMultipartForm(maxImport); err != nil {
		return fault.New(fault.Invalid, "fault.form").Because(err)
	}
	files := map[string]io.Reader{}
	for _, h := range r.MultipartForm.File["files"] {
		f, err := h.Open()
		if err != nil {
			return err
		}
		defer f.Close()
		files[path.Base(h.Filename)] = f
	}
	if len(files) == 0 {
		err = fault.Field("files", "fault.required")
	} else {
		_, err = p.Maps.Import(r.Context(), shell.Actor(r), v.ID, files)
	}
	if refusal, ok := shell.Refused(err); ok {
		return shell.Render(w, r, http.StatusUnprocessableEntity, importPage(v, refusal))
	}
	if err != nil {
		return err
	}
	return shell.Go(w, r, "/maps/"+v.ID, "techmap.done.imported")
}
