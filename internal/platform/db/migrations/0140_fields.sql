-- Fields of research and development, first level: OECD, Frascati Manual 2015, table 2.2.
INSERT INTO vocabulary_term (vocabulary, version, code, label, sort) VALUES
  ('ford', '2015', '1', '{"en":"Natural sciences","zh":"自然科学","original":"en"}', 1),
  ('ford', '2015', '2', '{"en":"Engineering and technology","zh":"工程与技术","original":"en"}', 2),
  ('ford', '2015', '3', '{"en":"Medical and health sciences","zh":"医学与健康科学","original":"en"}', 3),
  ('ford', '2015', '4', '{"en":"Agricultural and veterinary sciences","zh":"农业与兽医科学","original":"en"}', 4),
  ('ford', '2015', '5', '{"en":"Social sciences","zh":"社会科学","original":"en"}', 5),
  ('ford', '2015', '6', '{"en":"Humanities and the arts","zh":"人文与艺术","original":"en"}', 6);
