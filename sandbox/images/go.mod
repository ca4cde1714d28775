module sitewright.dev/sandbox/images

go 1.26.0
