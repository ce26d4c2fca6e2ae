"""How a kiosk or a screen becomes ours: a one-time URL, one button, a cookie that can be revoked."""
