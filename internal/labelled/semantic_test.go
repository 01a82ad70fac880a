package labelled

import (
	"slices"
	"strings"
	"testing"
)

func TestSemanticTypesRead(t *testing.T) {
	for _, modifier := range []bool{false, true} {
		text := "File,FieldOffset,Locale,RecordCount,FieldName,BaseType,SemanticType,Notes\n" +
			"data/a.csv,0,en-US,58,first_name,String,NAME.FIRST,\n" +
			"data/a.csv,1,en-US,58,who,String,NAME.FIRST_LAST,\n" +
			"data/a.csv,2,en-US,58,zip,Long,POSTAL_CODE.ZIP5_US,\n" +
			"data/a.csv,3,en-US,58,since,LocalDateTime,yyyy-MM-dd,\n" +
			"data/a.csv,4,en-US,58,empty,String,BLANK,\n" +
			"data/b.csv,0,en-US,58,where,String,STREET_ADDRESS_EN,\n" +
			"data/b.csv,1,en-US,58,city_limit,Double,CITYHALL,\n"
		if modifier { // newer files have one field more
			text = strings.ReplaceAll(text, ",BLANK,", ",,")
			text = strings.NewReplacer("BaseType,", "BaseType,TypeModifier,", "String,", "String,,", "Long,", "Long,,", "LocalDateTime,", "LocalDateTime,,", "Double,", "Double,,").Replace(text)
			text = strings.Replace(text, "empty,String,,", "empty,String,NULL,", 1)
		}
		s, err := ReadSemanticTypes("reference", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range s.Columns {
			got = append(got, c.Table.Name+" "+c.Name+" "+c.Type+" "+c.Kind)
		}
		want := []string{
			"data/a.csv first_name text given_name", "data/a.csv who text full_name", "data/a.csv zip bigint postcode",
			"data/a.csv since timestamp ", "data/b.csv where text street", "data/b.csv city_limit double precision ",
		}
		if !slices.Equal(got, want) {
			t.Errorf("%q", got)
		}
		if !slices.Contains(s.Kinds, "phone") || slices.Contains(s.Kinds, "money") {
			t.Errorf("kinds %v", s.Kinds)
		}
		for _, table := range s.Database().Tables {
			if len(table.Columns) == 0 {
				t.Errorf("%s has no columns", table.Name)
			}
		}
	}
	for _, wrong := range []string{"", "File,FieldName\na,b\n"} {
		if _, err := ReadSemanticTypes("wrong", strings.NewReader(wrong)); err == nil || !strings.Contains(err.Error(), "labels wrong") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
