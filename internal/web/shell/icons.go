package shell

// icons are the drawings of Icon: paths in a box of 24 by 24.
var icons = map[string]string{
	"tick":     `<path d="M4 12.5l5 5L20 6.5"/>`,
	"cross":    `<path d="M6 6l12 12M18 6L6 18"/>`,
	"ring":     `<circle cx="12" cy="12" r="8"/>`,
	"half":     `<circle cx="12" cy="12" r="8"/><path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor"/>`,
	"clock":    `<circle cx="12" cy="12" r="9"/><path d="M12 7v5l3.5 2"/>`,
	"info":     `<circle cx="12" cy="12" r="9"/><path d="M12 11v5.5M12 7.6v.2"/>`,
	"warn":     `<path d="M12 3.5L2.5 20h19L12 3.5zM12 10v4.5M12 17.3v.2"/>`,
	"file":     `<path d="M6 3h8l4 4v14H6zM14 3v4h4"/>`,
	"print":    `<path d="M7 9V4h10v5M7 17H4v-7h16v7h-3M7 14h10v6H7z"/>`,
	"download": `<path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M5 20h14"/>`,
	"joined":   `<path d="M5 8h13l-3-3M19 16H6l3 3"/>`,
	"person":   `<circle cx="12" cy="8" r="4"/><path d="M4 21c1-5 4-7 8-7s7 2 8 7"/>`,
}
