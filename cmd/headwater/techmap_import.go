package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/headwater-platform/headwater/internal/app"
	"github.com/headwater-platform/headwater/internal/platform/access"
	"github.com/headwater-platform/headwater/internal/platform/lang"
	"github.com/headwater-platform/headwater/internal/platform/work"
	"github.com/headwater-platform/headwater/internal/techmap"
)

type techmapImport struct {
	database
	Files     []string          `arg:"" help:"Tables (CSV), a whole map (map.json), or one fault tree in Open-PSA (XML)." type:"existingfile"`
	Layout    string            `help:"Mapping file (YAML), or the name of one that ships: chips or eu-crm-2023. Without it: the tables that a map exports."`
	Choose    map[string]string `help:"Assumptions of the layout, such as variants=all." placeholder:"NAME=VALUE"`
	Top       string            `help:"Gate of a fault tree that is asked about. Without it: the one that is no input of another."`
	Into      string            `help:"Number of the map that takes them in, such as T-2027-0003. Without it: a new map, a draft." placeholder:"NUMBER"`
	Agency    string            `help:"Agency that keeps the new map, by its slug."`
	Home      string            `help:"Country from whose side the new map is read, two capital letters."`
	Threshold float64           `help:"Share of supply below which an input of the new map fails, over 0 to 1." default:"0.5"`
}

func (c *techmapImport) Run(ctx context.Context, s streams) (err error) {
	layout, err := layoutOf(c.Layout)
	if err != nil {
		return err
	}
	a, err := c.open(ctx, app.Config{Relaxed: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	return work.Do(ctx, a.DB, func(ctx context.Context) error {
		m, err := c.target(ctx, a, layout)
		if err != nil {
			return err
		}
		n, err := c.take(ctx, a.Maps, m.ID, layout)
		if err != nil {
			return err
		}
		v, err := a.Maps.Map(ctx, access.System, m.ID, time.Time{})
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(s.out, "%s: %d items taken in; the map has %d nodes, %d gates, %d providers, %d shares\n",
			m.Number, n, len(v.Graph.Nodes), len(v.Graph.Gates), len(v.Graph.Providers), len(v.Graph.Shares))
		return err
	})
}

// layoutOf reads a layout from a file, or one of ours by its name; none for "".
func layoutOf(name string) (*techmap.Layout, error) {
	if name == "" {
		return nil, nil
	}
	src, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) && !strings.ContainsAny(name, `/\.`) {
		return techmap.ShippedLayout(name)
	}
	if err != nil {
		return nil, err
	}
	return techmap.ReadLayout(name, src)
}

// target is the map that takes the files in: one that is there, or a new draft.
func (c *techmapImport) target(ctx context.Context, a *app.App, layout *techmap.Layout) (techmap.Map, error) {
	if c.Into != "" {
		all, err := a.Maps.Maps(ctx, access.System)
		for _, v := range all {
			if v.Number == c.Into {
				return v.Map, nil
			}
		}
		if err == nil {
			err = fmt.Errorf("--into: there is no map %s", c.Into)
		}
		return techmap.Map{}, err
	}
	agencies, err := a.Register.Agencies(ctx)
	if err != nil {
		return techmap.Map{}, err
	}
	var slugs []string
	for _, g := range agencies {
		if g.Slug == c.Agency {
			title := lang.In1("en", filepath.Base(c.Files[0]))
			if layout != nil && !layout.Title.Empty() {
				title = layout.Title
			}
			return a.Maps.Create(ctx, access.System, techmap.MapInput{AgencyID: g.ID, Title: title, Home: c.Home, Threshold: c.Threshold})
		}
		slugs = append(slugs, g.Slug)
	}
	return techmap.Map{}, fmt.Errorf("--agency %q: give one of %s, or name a map with --into", c.Agency, strings.Join(slugs, ", "))
}

func (c *techmapImport) take(ctx context.Context, maps *techmap.Service, id string, layout *techmap.Layout) (n int, err error) {
	files := map[string]io.Reader{}
	for _, name := range c.Files {
		f, err := os.Open(name)
		if err != nil {
			return 0, err
		}
		defer f.Close()
		files[filepath.Base(name)] = f
	}
	if strings.EqualFold(filepath.Ext(c.Files[0]), ".xml") && len(c.Files) == 1 {
		return maps.ImportModel(ctx, access.System, id, files[filepath.Base(c.Files[0])], c.Top)
	}
	if layout != nil {
		return maps.ImportBy(ctx, access.System, id, layout, c.Choose, files)
	}
	return maps.Import(ctx, access.System, id, files)
}
