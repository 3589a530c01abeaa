// Package apiclient is a client of the admin API as anybody may have one made from
// its document: all of it is generated. That it compiles and works is the proof that
// the document is true.
package apiclient

//go:generate go tool oapi-codegen -generate types,client -package apiclient -o client.gen.go ../../admin/testdata/openapi-3.0.json
