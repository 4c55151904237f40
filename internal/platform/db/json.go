package db

import (
	"database/sql"
	"encoding/json"
	"fmt"
)

// JSON is v as a parameter: its JSON text. v must be encodable; a value that is
// not is a fault in the program.
func JSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("db: %T cannot be written as JSON: %v", v, err))
	}
	return string(b)
}

// FromJSON scans a JSON column into v, a pointer; NULL and "" leave v as it is.
func FromJSON(v any) sql.Scanner { return jsonScanner{v} }

type jsonScanner struct{ v any }

func (s jsonScanner) Scan(src any) error {
	switch t := src.(type) {
	case nil:
		return nil
	case string:
		if t == "" {
			return nil
		}
		return json.Unmarshal([]byte(t), s.v)
	case []byte:
		return json.Unmarshal(t, s.v)
	}
	return fmt.Errorf("db: expected JSON text, got %T", src)
}
