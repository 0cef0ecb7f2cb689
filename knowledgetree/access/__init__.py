"""The pages of access rights: API tokens, who can see a company, and the site as somebody else sees it."""
