package source

import (
	"context"
	"fmt"
	"strconv"

	"github.com/masker-project/masker/pkg/catalog"
)

// Histogram counts a column's values in the snapshot. The server counts, and sends no rows. If h has buckets, counts
// has one count for each bucket, and labels is nil. Otherwise labels has the values, the most frequent first, and
// counts has the count of each value. These are at most catalog.MaxLabels values, without the values that are longer
// than catalog.MaxLabelBytes.
func (p *Postgres) Histogram(ctx context.Context, h catalog.Histogram) (labels []string, counts []int64, err error) {
	t := p.database.Table(h.Table)
	if t == nil || t.Column(h.Column) == nil || h.Subject != "" && t.Column(h.Subject) == nil {
		return nil, nil, fmt.Errorf("%s.%s: the snapshot does not have this column, or not the subject's", h.Table, catalog.Quote(h.Column))
	}
	c := &copier{snapshot: p, anyOrder: true}
	defer c.leave()
	if err := c.ready(ctx, &catalog.Want{Table: h.Table}); err != nil {
		return nil, nil, err
	}
	r := reader{ctx: ctx, conn: c.conn}
	from := p.from(h.Table)
	column := catalog.Quote(h.Column)
	if h.Buckets == 0 {
		for _, row := range rows[labelCount](&r, labelSQL(h, from, column)) {
			labels, counts = append(labels, row.Label), append(counts, row.Count)
		}
		return labels, counts, p.Explain(withColumn(h, r.err))
	}
	counts = make([]int64, h.Buckets)
	for _, row := range rows[bucketCount](&r, bucketSQL(h, from, column)) {
		counts[row.Bucket-1] = row.Count
	}
	return nil, counts, p.Explain(withColumn(h, r.err))
}

type labelCount struct {
	Label string
	Count int64
}

type bucketCount struct {
	Bucket int
	Count  int64
}

func withColumn(h catalog.Histogram, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("counting %s.%s: %w", h.Table, catalog.Quote(h.Column), err)
}

// oneOfEach returns a subquery with one row of each subject, or with every row if there is no subject. For each
// subject, a hash of the rows' positions chooses the row, so that no value is preferred. Only rows that meet the
// condition count.
func oneOfEach(h catalog.Histogram, from, column, condition string) string {
	if h.Subject == "" {
		return fmt.Sprintf("(SELECT %s FROM %s WHERE %s) one", column, from, condition)
	}
	subject := catalog.Quote(h.Subject)
	return fmt.Sprintf("(SELECT DISTINCT ON (%s) %s FROM %s WHERE %s ORDER BY %s, hashtext(ctid::text)) one", subject, column, from, condition, subject)
}

// labelSQL returns a query that counts values. It compares values by their bytes, whatever the column's collation is.
func labelSQL(h catalog.Histogram, from, column string) string {
	label := column + `::text COLLATE "C"`
	if h.Family == catalog.Boolean {
		label = "CASE WHEN " + column + " THEN 't' ELSE 'f' END"
	}
	short := fmt.Sprintf("octet_length(%s::text) <= %d", column, catalog.MaxLabelBytes) // NULL for a NULL value, so the query leaves such rows out
	return fmt.Sprintf(`SELECT %s, count(*) FROM %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %d`, label, oneOfEach(h, from, column, short), catalog.MaxLabels)
}

// bucketSQL returns a query that counts the values of each bucket. It first limits values to h.Low and h.High, because
// infinity and numbers beyond float8 would make the statement fail.
func bucketSQL(h catalog.Histogram, from, column string) string {
	low, high := number(h.Low), number(h.High)
	between := func(typ, format string) string {
		return fmt.Sprintf("LEAST(GREATEST(%s::%s, "+format+"), "+format+")", column, typ, low, high)
	}
	var x string
	switch h.Family {
	case catalog.Date:
		x = "(" + between("date", "DATE '1970-01-01' + %s::int") + " - DATE '1970-01-01')::float8"
	case catalog.Timestamp:
		x = "extract(epoch FROM " + between("timestamp", "TIMESTAMP '1970-01-01' + %s::float8 * INTERVAL '1 second'") + ")::float8"
	case catalog.TimestampTZ:
		x = "extract(epoch FROM " + between("timestamptz", "TIMESTAMPTZ '1970-01-01 00:00:00+00' + %s::float8 * INTERVAL '1 second'") + ")::float8"
	case catalog.Float:
		x = between("float8", "%s::float8")
	default:
		x = between("numeric", "%s::numeric") + "::float8"
	}
	return fmt.Sprintf("SELECT LEAST(GREATEST(width_bucket(%s, %s::float8, %s::float8, %d), 1), %d), count(*) FROM %s GROUP BY 1",
		x, low, high, h.Buckets, h.Buckets, oneOfEach(h, from, column, column+" IS NOT NULL"))
}

func number(x float64) string { return "'" + strconv.FormatFloat(x, 'f', -1, 64) + "'" }
