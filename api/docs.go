package api

import "github.com/gin-gonic/gin"

func (a *API) pages(engine *gin.Engine) error { return nil }
